import Foundation
import OrchDomain
import OrchRandom
import OrchSchedule
import Testing

/// Time zones of the tz database of this machine.
@Suite("Time zones")
struct ZoneTests {
  static let names = [
    "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu", "America/St_Johns",
    "Pacific/Auckland", "Europe/Dublin", "America/Sao_Paulo", "Africa/Casablanca", "Pacific/Apia", "UTC",
  ]

  static func zone(_ name: String) throws -> ZoneFile {
    let file = try Data(contentsOf: URL(filePath: "/usr/share/zoneinfo/\(name)"))
    return try #require(ZoneFile(Array(file)))
  }

  @Test("Agree with Foundation, hour by hour and second by second around each change", arguments: names)
  func agrees(name: String) throws {
    let (zone, other) = (try Self.zone(name), try #require(TimeZone(identifier: name)))
    var before: Int?
    for hour in stride(from: 0, to: 70 * 8766, by: 29) {
      let moment = Timestamp(milliseconds: Int64(hour) * 3_600_000)
      let offset = zone.seconds(at: moment)
      let expected = other.secondsFromGMT(for: Date(timeIntervalSince1970: TimeInterval(hour * 3600)))
      #expect(offset == expected, "\(name) at \(moment.rfc3339)")
      if let before, before != offset {
        for second in stride(from: (hour - 29) * 3600, through: hour * 3600, by: 900) {
          let near = Timestamp(milliseconds: Int64(second) * 1000)
          #expect(
            zone.seconds(at: near) == other.secondsFromGMT(for: Date(timeIntervalSince1970: TimeInterval(second))),
            "\(name) at \(near.rfc3339)")
        }
      }
      before = offset
    }
  }

  @Test("Bytes that are no zone are refused and trap nowhere")
  func refuses() throws {
    let file = Array(try Data(contentsOf: URL(filePath: "/usr/share/zoneinfo/Europe/Berlin")))
    for length in 0..<file.count { #expect(ZoneFile(Array(file.prefix(length))) == nil) }
    var random = SplitMix64(seed: 4)
    for _ in 0..<2000 {
      var bytes = file
      for _ in 0..<(1 + random.below(8)) { bytes[random.below(bytes.count)] = UInt8(random.below(256)) }
      if let zone = ZoneFile(bytes) { #expect(abs(zone.seconds(at: Timestamp(milliseconds: .max / 2))) <= 700_000) }
    }
  }

  /// For each minute of some years: the local minutes that become due in it. None when clocks were put back, more than
  /// one when they have jumped.
  private struct Calendar {
    var first: [Int] = []
    var last: [Int] = []

    init(_ zone: ZoneFile, from start: Int, years: Int) {
      var newest = Int.min
      var offset = 0
      for minute in start..<(start + years * 525_960) {
        // No zone changes within a quarter of an hour.
        if minute % 15 == 0 || first.isEmpty {
          offset = zone.seconds(at: Timestamp(milliseconds: Int64(minute) * 60_000)) / 60
        }
        let local = minute + offset
        first.append(newest == .min ? local : newest + 1)
        last.append(local)
        newest = max(newest, local)
      }
    }
  }

  @Test(
    "Cron agrees with a minute-by-minute model over five years",
    arguments: ["Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu"])
  func fiveYears(name: String) throws {
    let file = try Self.zone(name)
    let start = 30_000_000  // In 2027.
    let calendar = Calendar(file, from: start, years: 5)
    for text in ["30 2 * * *", "15 1,2 * 3,4,10,11 0", "0 0 13 * 5", "45 23 */5 * 1-5", "59 1 29 2 *"] {
      let cron = try CronExpression(text)
      let fields = text.split(separator: " ")
      let numbers = { (field: Substring) in Set(field.split(separator: ",").compactMap { Int($0) }) }
      let (minutes, hours) = (numbers(fields[0]), fields[1] == "*" ? Set(0..<24) : numbers(fields[1]))
      let isTime = (0..<1440).map { minutes.contains($0 % 60) && hours.contains($0 / 60) }
      var model: [Int] = []
      var place = 0
      while place < calendar.first.count {
        var local = calendar.first[place]
        while local <= calendar.last[place] {
          if isTime[local % 1440], cron.matches(CivilDate(daysSinceEpoch: local / 1440)) {
            model.append(start + place)
            break
          }
          local += 1
        }
        place += 1
      }
      var found: [Int] = []
      var now = Timestamp(milliseconds: Int64(start) * 60_000 - 1)
      let end = Int64(start + calendar.first.count) * 60_000
      while let next = cron.next(after: now, zone: file.zone), next.milliseconds < end {
        found.append(Int(next.milliseconds / 60_000))
        now = next
      }
      #expect(found == model, "\(text) in \(name)")
      #expect(model.count >= 1)
    }
  }
}
