import OrchFiles
import OrchSchedule

/// The time zones that this machine knows by name.
struct ZoneDirectory: Sendable {
  private let directory: String

  /// - Parameter environment: `TZDIR` names another place than the usual one.
  init(environment: [String: String]) {
    directory = environment["TZDIR"].flatMap { $0.hasPrefix("/") ? $0 : nil } ?? "/usr/share/zoneinfo"
  }

  /// - Returns: Nil for a name that is not known here.
  func zone(named name: String) -> TimeZoneOffsets? {
    if name == "UTC" { return .utc }
    let parts = name.split(separator: "/", omittingEmptySubsequences: false)
    let isName = parts.allSatisfy { part in
      !part.isEmpty && part.first != "."
        && part.utf8.allSatisfy { byte in
          (48...57).contains(byte) || (97...122).contains(byte | 0x20) || [0x2B, 0x2D, 0x5F].contains(byte)
        }
    }
    guard isName else { return nil }
    switch Result(catching: { try FileReader.read("\(directory)/\(name)", limit: 1 << 20) }) {
    case .success(let bytes): return ZoneFile(bytes)?.zone
    case .failure: return nil
    }
  }
}
