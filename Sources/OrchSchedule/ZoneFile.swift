package import OrchDomain

/// A time zone as a file of the tz database describes it. Source of the format: RFC 9636.
package struct ZoneFile: Hashable, Sendable {
  /// Moments in seconds at which the offset changes, ascending, and the offset from each of them on.
  private let changes: [Int64]
  private let offsets: [Int]
  private let before: Int
  /// What holds behind the last change.
  private let rule: ZoneRule?

  /// - Returns: Nil for bytes that are no such file, or one of version 1, which knows no time after 2037.
  package init?(_ bytes: [UInt8]) {
    var reader = Reader(bytes: bytes)
    guard let first = reader.header(), first.version >= UInt8(ascii: "2") else { return nil }
    // The first part has times of four bytes, for programs of the last century.
    guard reader.skip(first.size(ofTime: 4)), let header = reader.header() else { return nil }
    var times: [Int64] = []
    var kinds: [Int] = []
    for _ in 0..<header.times {
      guard let time = reader.number(8) else { return nil }
      times.append(time)
    }
    for _ in 0..<header.times {
      guard let kind = reader.number(1) else { return nil }
      kinds.append(Int(kind))
    }
    var types: [Int] = []
    for _ in 0..<header.types {
      guard let offset = reader.number(4), abs(offset) <= 86_400, reader.skip(2) else { return nil }
      types.append(Int(offset))
    }
    guard !types.isEmpty, kinds.allSatisfy(types.indices.contains), zip(times, times.dropFirst()).allSatisfy(<),
      reader.skip(header.rest(ofTime: 8)), let footer = reader.line()
    else { return nil }
    changes = times
    offsets = kinds.map { types[$0] }
    before = types[0]
    rule = footer.isEmpty ? nil : ZoneRule(footer)
    if !footer.isEmpty, rule == nil { return nil }
  }

  /// Seconds east of UTC.
  package func seconds(at moment: Timestamp) -> Int {
    let second = moment.milliseconds.floorDivided(by: 1000)
    guard let last = changes.last else { return rule?.seconds(at: second) ?? before }
    if second >= last, let rule { return rule.seconds(at: second) }
    // The first change that is later.
    var (low, high) = (0, changes.count)
    while low < high {
      let middle = (low + high) / 2
      if changes[middle] <= second { low = middle + 1 } else { high = middle }
    }
    return low == 0 ? before : offsets[low - 1]
  }

  package var zone: TimeZoneOffsets { TimeZoneOffsets { seconds(at: $0) } }
}

extension ZoneFile {
  private struct Header {
    var version: UInt8
    var isUT = 0
    var isStandard = 0
    var leaps = 0
    var times = 0
    var types = 0
    var letters = 0

    func size(ofTime width: Int) -> Int { times * (width + 1) + types * 6 + rest(ofTime: width) }
    func rest(ofTime width: Int) -> Int { letters + leaps * (width + 4) + isStandard + isUT }
  }

  private struct Reader {
    let bytes: [UInt8]
    private var place = 0

    init(bytes: [UInt8]) { self.bytes = bytes }

    mutating func header() -> Header? {
      guard bytes.count - place >= 44, bytes[place..<(place + 4)].elementsEqual("TZif".utf8) else { return nil }
      var header = Header(version: bytes[place + 4])
      place += 20
      for field in [\Header.isUT, \.isStandard, \.leaps, \.times, \.types, \.letters] {
        guard let value = number(4), (0..<1_000_000).contains(value) else { return nil }
        header[keyPath: field] = Int(value)
      }
      return header
    }

    /// Of so many bytes, the highest first.
    mutating func number(_ width: Int) -> Int64? {
      guard bytes.count - place >= width else { return nil }
      var value: UInt64 = 0
      for byte in bytes[place..<(place + width)] { value = value << 8 | UInt64(byte) }
      place += width
      let shift = 64 - 8 * width
      // One byte is an index and has no sign.
      return width == 1 ? Int64(value) : Int64(bitPattern: value << UInt64(shift)) >> Int64(shift)
    }

    mutating func skip(_ count: Int) -> Bool {
      guard bytes.count - place >= count else { return false }
      place += count
      return true
    }

    /// What stands between two line feeds.
    mutating func line() -> String? {
      guard place < bytes.count, bytes[place] == 0x0A, let end = bytes[(place + 1)...].firstIndex(of: 0x0A) else {
        return nil
      }
      return String(decoding: bytes[(place + 1)..<end], as: UTF8.self)
    }
  }
}
