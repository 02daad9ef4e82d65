/// An amount of storage, written as people write it: `20GB`, `512MB`. Powers of ten, as disks are sold.
package struct ByteCount: Hashable, Sendable, Comparable {
  package let bytes: Int64

  package init(_ bytes: Int64) { self.bytes = bytes }

  private static let units: [(name: String, bytes: Int64)] = [
    ("TB", 1_000_000_000_000), ("GB", 1_000_000_000), ("MB", 1_000_000), ("kB", 1000), ("B", 1),
  ]

  /// Nil unless `text` is a whole number and one of the units B, kB, MB, GB and TB, in any case, or just `0`.
  package init?(text: String) {
    let digits = text.prefix { $0.isASCII && $0.isNumber }
    guard let amount = Int64(digits) else { return nil }
    let unit = String(text[digits.endIndex...].drop { $0 == " " }).lowercased()
    if unit.isEmpty, amount == 0 {
      self.init(0)
      return
    }
    guard let factor = Self.units.first(where: { $0.name.lowercased() == unit })?.bytes else { return nil }
    let (bytes, overflow) = amount.multipliedReportingOverflow(by: factor)
    guard !overflow else { return nil }
    self.init(bytes)
  }

  /// The shortest text that says the same amount.
  package var text: String {
    guard bytes != 0, let unit = Self.units.first(where: { bytes % $0.bytes == 0 }) else { return "0" }
    return "\(bytes / unit.bytes)\(unit.name)"
  }

  /// The amount for people, with at most one digit behind the point.
  package var shown: String {
    guard let unit = Self.units.first(where: { bytes >= $0.bytes }) else { return "0 B" }
    let tenths = bytes / max(1, unit.bytes / 10)
    if unit.bytes == 1 || tenths >= 100 || tenths % 10 == 0 { return "\(bytes / unit.bytes) \(unit.name)" }
    return "\(tenths / 10).\(tenths % 10) \(unit.name)"
  }

  package static func < (left: ByteCount, right: ByteCount) -> Bool { left.bytes < right.bytes }
}
