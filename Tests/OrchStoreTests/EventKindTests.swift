import Foundation
import Testing

/// The kinds of events are a contract: whoever reads the log finds each of them in the documentation.
@Suite struct EventKindTests {
  private static let root = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../..").standardized

  private static func read(_ path: String) throws -> String {
    try String(contentsOf: root.appending(path: path), encoding: .utf8)
  }

  @Test("Every kind of event that the program writes is in docs/formats/json.md")
  func documented() throws {
    let declared = try Self.read("Sources/OrchStore/EventType.swift")
      .matches(of: #/static let \w+: EventType = "([a-z._]+)"/#).map { String($0.1) }
    #expect(declared.count > 40 && Set(declared).count == declared.count)
    let page = try Self.read("docs/formats/json.md")
    // The first cells of the table.
    let told = page.split(separator: "\n").filter { $0.hasPrefix("| `") }
      .flatMap { row in row.dropFirst().prefix { $0 != "|" }.matches(of: #/`([a-z._]+)`/#).map { String($0.1) } }
    for kind in declared { #expect(told.contains(kind), "\(kind) is not in docs/formats/json.md") }
    for kind in told where kind != "type" { #expect(declared.contains(kind), "\(kind) is told, and nothing writes it") }
  }

  @Test("No kind of event is made up where it is written")
  func declared() throws {
    let sources = Self.root.appending(path: "Sources")
    let files = try #require(FileManager.default.enumerator(at: sources, includingPropertiesForKeys: nil))
    for case let file as URL in files where file.pathExtension == "swift" {
      let text = try String(contentsOf: file, encoding: .utf8)
      #expect(!text.contains(#/appendEvent\(\s*"/#), "\(file.lastPathComponent) writes a kind of its own")
    }
  }
}
