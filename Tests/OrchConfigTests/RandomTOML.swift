import OrchRandom
import Testing

@testable import OrchConfig

/// Writes random valid TOML and notes where it puts every key and value.
struct RandomTOML {
  struct Truth {
    var path: [KeyStep]
    var key: Range<Int>
    var value: Range<Int>
  }

  private(set) var bytes: [UInt8] = []
  private(set) var truths: [Truth] = []
  private var random: SplitMix64
  private var names = 0
  private var lineEnd = "\n"

  var text: String { String(decoding: bytes, as: UTF8.self) }

  init(seed: UInt64) {
    random = SplitMix64(seed: seed)
    if chance(4) { lineEnd = "\r\n" }
    if chance(8) { bytes = [0xEF, 0xBB, 0xBF] }
    pairs(at: [])
    var arrays: [(key: (text: String, name: String), count: Int)] = []
    for _ in 0..<Int.random(in: 0...6, using: &random) {
      switch Int.random(in: 0...3, using: &random) {
      case 0:
        let first = key()
        let second = key()
        write("[\(pad())\(first.text)\(pad()).\(pad())\(second.text)\(pad())]\(ending())")
        pairs(at: [.key(first.name), .key(second.name)])
      case 1 where !arrays.isEmpty:
        // A further element of a known array, or a table inside its last element.
        let number = Int.random(in: 0..<arrays.count, using: &random)
        let array = arrays[number]
        if chance(2) {
          arrays[number].count += 1
          write("[[\(array.key.text)]]\(ending())")
          pairs(at: [.key(array.key.name), .index(array.count)])
        } else {
          let inner = key()
          write("[[\(array.key.text).\(inner.text)]]\(ending())")
          pairs(at: [.key(array.key.name), .index(array.count - 1), .key(inner.name), .index(0)])
        }
      case 2:
        let array = key()
        arrays.append((array, 1))
        write("[[\(pad())\(array.text)\(pad())]]\(ending())")
        pairs(at: [.key(array.name), .index(0)])
      default:
        let table = key()
        write("\(pad())[\(table.text)]\(ending())")
        pairs(at: [.key(table.name)])
      }
    }
  }

  private mutating func chance(_ n: Int) -> Bool { Int.random(in: 0..<n, using: &random) == 0 }
  private mutating func pad() -> String { ["", "", " ", "\t", "  "].randomElement(using: &random)! }
  private mutating func write(_ text: String) { bytes.append(contentsOf: text.utf8) }

  private mutating func ending() -> String {
    pad() + (chance(3) ? "# [no] = \"table\" ' äöü" : "") + lineEnd + (chance(4) ? lineEnd : "")
  }

  /// A key that no other key equals, written in one of three ways.
  private mutating func key() -> (text: String, name: String) {
    names += 1
    switch Int.random(in: 0...5, using: &random) {
    case 0: return ("\"k.\(names) ] = #\"", "k.\(names) ] = #")
    case 1: return ("'k\\\(names)\"'", "k\\\(names)\"")
    case 2: return ("\"\\u00e9\\t\\\"\(names)\\U0001F600\"", "é\t\"\(names)😀")
    case 3: return ("\(names)", "\(names)")
    default: return ("k_\(names)-x", "k_\(names)-x")
    }
  }

  private mutating func pairs(at table: [KeyStep]) {
    for _ in 0..<Int.random(in: 0...4, using: &random) {
      write(pad())
      pair(at: table, depth: 0)
      write(ending())
    }
  }

  private mutating func pair(at table: [KeyStep], depth: Int) {
    var path = table
    var last = 0..<0
    for part in 0..<(chance(3) ? 2 : 1) {
      if part > 0 { write(pad() + "." + pad()) }
      let key = key()
      let start = bytes.count
      write(key.text)
      last = start..<bytes.count
      path.append(.key(key.name))
    }
    write(pad() + "=" + pad())
    let start = bytes.count
    let own = truths.count
    truths.append(Truth(path: path, key: last, value: 0..<0))
    value(at: path, depth: depth)
    truths[own].value = start..<bytes.count
  }

  private mutating func value(at path: [KeyStep], depth: Int) {
    let simple = [
      "1", "0x1F", "+1_000", "1.5e3", "inf", "true", "false", "1979-05-27 07:32:00Z", "07:32:00", "\"a # ] } , b\"",
      "\"\\\"\\\\\"", "''", "'C:\\'", "\"\"\"\(lineEnd)a \"\" ] \\\"\"\" = [x]\(lineEnd)\"\"\"", "\"\"\"\"q\"\"\"\"\"",
      "'''\(lineEnd)it''s # \\ \(lineEnd)'''", "''''x'''''", "\"\"\"\"\"\"", "\"äöü😀\"",
    ]
    guard depth < 4, chance(3) else { return write(simple.randomElement(using: &random)!) }
    let isArray = chance(2)
    write(isArray ? "[" : "{")
    let count = Int.random(in: 0...3, using: &random)
    for number in 0..<count {
      write(isArray ? blank() : pad())
      if isArray { value(at: path + [.index(number)], depth: depth + 1) } else { pair(at: path, depth: depth + 1) }
      write(isArray ? blank() : pad())
      if number < count - 1 || (isArray && chance(3)) { write(",") }
    }
    write(isArray ? blank() + "]" : pad() + "}")
  }

  private mutating func blank() -> String { chance(3) ? pad() + (chance(2) ? "# ], \"" : "") + lineEnd : pad() }
}

extension TOMLNode {
  /// The paths of everything that holds nothing else.
  func leaves(at path: [KeyStep] = []) -> [[KeyStep]] {
    switch self {
    case .table(let table) where !table.isEmpty || path.isEmpty:
      table.flatMap { $0.value.leaves(at: path + [.key($0.key)]) }
    case .list(let list) where !list.isEmpty:
      list.enumerated().flatMap { $0.element.leaves(at: path + [.index($0.offset)]) }
    default: [path]
    }
  }
}
