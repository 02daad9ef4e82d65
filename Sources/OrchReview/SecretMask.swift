/// Blots secrets out of everything that is shown, kept or told to an agent: those with a form of their own, and the
/// values that we hold ourselves.
///
/// A byte becomes an asterisk, so lengths and offsets stay, also those of a file that somebody reads at the moment.
package struct SecretMask: Hashable, Sendable {
  private let values: [[UInt8]]
  private let firsts: Set<UInt8>

  private static let names = [
    "TOKEN", "SECRET", "PASSWORD", "PASSWD", "API_KEY", "APIKEY", "ACCESS_KEY", "PRIVATE_KEY", "CREDENTIAL", "AUTH_KEY",
  ]

  /// - Parameter environment: Values of variables whose names say that they are secret are masked wherever they occur.
  package init(environment: [String: String]) {
    // A short value would blot out half of what is readable.
    let held = environment.filter { name, value in
      value.utf8.count >= 8 && Self.names.contains { name.uppercased().contains($0) }
    }
    values = Set(held.values).map { Array($0.utf8) }.sorted { $0.count > $1.count }
    firsts = Set(values.map { $0[0] })
  }

  package func masked(_ text: String) -> String {
    let bytes = Array(text.utf8)
    let ranges = ranges(in: bytes)
    return ranges.isEmpty ? text : String(decoding: masked(bytes, ranges), as: UTF8.self)
  }

  /// - Returns: As many bytes.
  package func masked(_ bytes: [UInt8]) -> [UInt8] {
    let ranges = ranges(in: bytes)
    return ranges.isEmpty ? bytes : masked(bytes, ranges)
  }

  private func masked(_ bytes: [UInt8], _ ranges: [Range<Int>]) -> [UInt8] {
    var result = bytes
    // Line ends stay, so that a transcript has as many lines as before.
    for range in ranges { for index in range where result[index] != 0x0A { result[index] = UInt8(ascii: "*") } }
    return result
  }

  private func ranges(in bytes: [UInt8]) -> [Range<Int>] {
    var found = SecretForms.matches(in: bytes).map(\.range)
    guard !values.isEmpty else { return found }
    for index in bytes.indices where firsts.contains(bytes[index]) {
      for value in values where bytes.count - index >= value.count && bytes[index...].starts(with: value) {
        found.append(index..<(index + value.count))
      }
    }
    return found
  }
}
