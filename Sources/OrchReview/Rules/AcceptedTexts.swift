import OrchDomain

/// Which texts a pattern lets through: one that changes may accept an address or a name that was refused before.
enum AcceptedTexts {
  private static let ranges = ["a-z", "A-Z", "0-9", "a-f", "A-F", "\\w", "\\d", "\\s", "\\x", "\\p", "[[:"].map {
    Array($0.utf8)
  }
  private static let groups = ["(?:", "(?=", "(?!", "(?<"].map { Array($0.utf8) }

  static func judge(_ lines: [ScannedLine], _ role: FileRole, _ path: String, _ evidence: inout EvidenceCollector) {
    guard role.language?.isCode == true, !role.isExample, !role.isShell else { return }
    let code = lines.filter { !$0.isComment && !$0.isTest }
    guard code.contains(where: { !$0.isAdded }) else { return }
    func all(_ isAdded: Bool) -> [[UInt8]] {
      code.filter { $0.isAdded == isAdded }.flatMap { parts(of: $0.code.bytes) }
        .sorted { $0.lexicographicallyPrecedes($1) }
    }
    guard all(false) != all(true), let line = code.last(where: { !parts(of: $0.code.bytes).isEmpty }) else {
      return
    }
    evidence.add(.pattern, path, line.line, line.excerpt(0))
  }

  /// The classes, repeated escapes and groups of the regular expressions in a line.
  private static func parts(of bytes: [UInt8]) -> [[UInt8]] {
    var found: [[UInt8]] = []
    for (index, byte) in bytes.enumerated() {
      switch byte {
      case UInt8(ascii: "["):
        guard let end = bytes[index...].firstIndex(of: UInt8(ascii: "]")), end - index < 200 else { continue }
        let body = bytes[index..<end]
        if ranges.contains(where: { Bytes.contains(body, $0) }) { found.append(Array(body)) }
      case UInt8(ascii: "\\"):
        guard index + 2 < bytes.count, "wdsb".utf8.contains(bytes[index + 1]), "+*{".utf8.contains(bytes[index + 2])
        else { continue }
        found.append(Array(bytes[index...index + 2]))
      case UInt8(ascii: "("):
        if let group = groups.first(where: bytes[index...].starts) { found.append(group) }
      default: continue
      }
    }
    return found
  }
}
