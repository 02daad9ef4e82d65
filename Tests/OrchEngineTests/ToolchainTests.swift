import Foundation
@testable import OrchEngine
import Testing

/// What a result of the gate depends on beside the tree and the commands.
@Suite struct ToolchainTests {
  @Test(arguments: [
    ("npm test", ["npm"]), ("CI=1 npm run lint && npx tsc --noEmit", ["npm", "npx"]),
    ("if ! cargo test; then exit 1; fi", ["cargo", "exit", "fi"]), ("./gradlew test", []),
    ("cd api && go test ./... | tee log", ["cd", "go", "tee"]),
    ("test $(git rev-list --count HEAD) -gt 1", ["test", "git", "-gt"]),
    ("\"/opt/my/bin/check\" all", ["/opt/my/bin/check"]), ("", []), ("env exec time make", ["make"]),
  ])
  func programsAreTheFirstWords(_ command: String, _ expected: [String]) {
    #expect(Toolchain.programs(in: [command]) == expected)
  }

  @Test func anotherVersionOfAProgramIsAnotherToolchain() throws {
    let directory = FileManager.default.temporaryDirectory.path + "/orch-tools-\(UUID().uuidString)"
    try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
    defer { do { try FileManager.default.removeItem(atPath: directory) } catch { print("\(error)") } }
    func install(_ text: String) throws {
      try Data(text.utf8).write(to: URL(filePath: "\(directory)/tool"))
      try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: "\(directory)/tool")
    }
    let key = { Toolchain.fingerprint(of: ["tool --all"], path: directory) }
    #expect(key() == ["tool"])
    try install("#!/bin/sh\n")
    let first = key()
    #expect(first != ["tool"] && first == key())
    try install("#!/bin/sh\nexit 1\n")
    #expect(key() != first)
  }
}
