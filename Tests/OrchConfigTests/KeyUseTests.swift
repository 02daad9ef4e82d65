import Foundation
import Testing

/// A key that nobody reads would be a promise that nobody keeps.
@Suite("Every key is read")
struct KeyUseTests {
  struct Key: Hashable, CustomTestStringConvertible {
    /// As in the tables: `forge.apiURL`.
    let path: String
    var testDescription: String { path }
  }

  private static let sources = ConfigReferenceTests.root.appending(path: "Sources")

  private static func swiftFiles() throws -> [URL] {
    let all = FileManager.default.enumerator(at: sources, includingPropertiesForKeys: nil)
    return (all?.allObjects as? [URL] ?? []).filter { $0.pathExtension == "swift" }
  }

  /// The keys of the tables without those that say themselves that they are not used yet.
  static func keys() throws -> [Key] {
    var keys: [Key] = []
    for file in try swiftFiles() where file.lastPathComponent.hasPrefix("KeyTable") {
      let text = try String(contentsOf: file, encoding: .utf8)
      // From one key path to the next stands what is declared about it.
      for part in text.split(separator: "\\.").dropFirst() where !part.contains(".notYet") {
        let path = part.prefix { $0.isLetter || $0 == "." }
        if path.first?.isLowercase == true { keys.append(Key(path: String(path))) }
      }
    }
    return keys
  }

  /// What could read a key: all files but the tables, those of one type (`A.swift`, `A+B.swift`) as one.
  private static let readers: [String] = {
    let files = (try? swiftFiles()) ?? []  // because a test without files fails below
    var byType: [Substring: String] = [:]
    for file in files where !file.lastPathComponent.hasPrefix("KeyTable") {
      let type = file.lastPathComponent.prefix { $0 != "+" && $0 != "." }
      // because a file that cannot be read reads no key
      byType[type, default: ""] += (try? String(contentsOf: file, encoding: .utf8)) ?? ""
    }
    return Array(byType.values)
  }()

  /// Whether `text` says `.name` as a whole word.
  private static func says(_ name: Substring, in text: String) -> Bool {
    var rest = text[...]
    while let range = rest.range(of: "." + name) {
      let next = rest[range.upperBound...].first
      if next.map({ !$0.isLetter && !$0.isNumber && $0 != "_" }) ?? true { return true }
      rest = rest[range.upperBound...]
    }
    return false
  }

  static func isRead(_ key: Key, by readers: [String]) -> Bool {
    let parts = key.path.split(separator: ".")
    guard let name = parts.last else { return false }
    // Most names are those of other things too, so the reader must know the table.
    let table = parts.dropLast().last
    let type = table.map { ($0.prefix(1).uppercased() + $0.dropFirst()).replacing(/s$/, with: "") }
    return readers.contains { text in
      guard says(name, in: text) else { return false }
      guard let table, let type else { return true }
      return says(table, in: text) || text.contains("\(type)Settings") || text.contains("\(type)sSettings")
    }
  }

  @Test("Something reads it, in a file that knows its table", arguments: try KeyUseTests.keys())
  func isRead(_ key: Key) { #expect(Self.isRead(key, by: Self.readers), "nothing reads \(key.path)") }

  @Test("A key that nobody reads is found, and so is one whose name only another table has")
  func mutation() throws {
    #expect(Self.readers.count > 400)
    #expect(try Self.keys().count > 150)
    #expect(!Self.isRead(Key(path: "forge.nobodyReadsThis"), by: Self.readers))
    #expect(!Self.isRead(Key(path: "forge.depth"), by: ["let depth = settings.landing.depth"]))
    #expect(Self.isRead(Key(path: "landing.depth"), by: ["let depth = settings.landing.depth"]))
  }
}
