import Foundation
import OrchDomain
import Testing

@testable import OrchEngine

/// What `daemon install` writes, read by the rules of the systems that read it.
@Suite("Files that start the daemon")
struct DaemonInstallationTests {
  private static let program = "/opt/my \"tools\"/100% $HOME/o'r\\ch <&>/claude-orch"
  private static let config = "/srv/a b/%h/$x/'c'.toml"
  private static let log = "/var/log/<x> & \"y\".log"
  private static let environment = [
    (name: "PATH", value: "/a b:/c\"d\":/e%f:/g$h:/i\\j"), (name: "HOME", value: "/home/ü & <v>"),
  ]
  private static let installation = DaemonInstallation(
    program: program, config: config, log: log, environment: environment)

  /// The words of a line of a unit file: systemd.syntax(7), systemd.unit(5) for specifiers.
  private static func words(_ text: Substring) throws -> [String] {
    var words: [String] = []
    var word: String?
    var isQuoted = false
    var rest = text[...]
    while let next = rest.popFirst() {
      switch next {
      case "\"":
        isQuoted.toggle()
        word = word ?? ""
      case "\\":
        let escaped = rest.popFirst()
        word = (word ?? "") + String(try #require(escaped))
      case "%":
        let second = rest.popFirst()
        #expect(second == "%", "a specifier that nobody meant")
        word = (word ?? "") + "%"
      case " " where !isQuoted:
        if let done = word { words.append(done) }
        word = nil
      default: word = (word ?? "") + String(next)
      }
    }
    #expect(!isQuoted)
    return words + (word.map { [$0] } ?? [])
  }

  @Test("systemd reads from the unit exactly the program, its arguments and the environment")
  func unit() throws {
    let lines = Self.installation.unit.split(separator: "\n")
    let command = try #require(lines.first { $0.hasPrefix("ExecStart=") }).dropFirst(10)
    var words = try Self.words(command)
    // systemd takes no program with quotes in its path.
    #expect(words.removeFirst() == "/bin/sh")
    // In arguments, and only there, a dollar sign is doubled: systemd.service(5).
    for word in words { #expect(word.replacing("$$", with: "").contains("$") == false) }
    #expect(
      words.map { $0.replacing("$$", with: "$") } == [
        "-c", "exec \"$0\" \"$@\"", Self.program, "serve", "--config", Self.config,
      ])
    let settings = try lines.filter { $0.hasPrefix("Environment=") }.map { try Self.words($0.dropFirst(12)) }
    #expect(settings == Self.environment.map { ["\($0.name)=\($0.value)"] })
    #expect(lines.contains("KillMode=process") && lines.contains("WantedBy=default.target"))
  }

  @Test("launchd reads from the property list exactly the same, and leaves agents alone")
  func propertyList() throws {
    let data = Data(Self.installation.propertyList.utf8)
    let list = try #require(try PropertyListSerialization.propertyList(from: data, format: nil) as? [String: Any])
    #expect(list["ProgramArguments"] as? [String] == [Self.program, "serve", "--config", Self.config])
    let expected = Dictionary(uniqueKeysWithValues: Self.environment.map { ($0.name, $0.value) })
    #expect(list["EnvironmentVariables"] as? [String: String] == expected)
    #expect(list["StandardErrorPath"] as? String == Self.log && list["AbandonProcessGroup"] as? Bool == true)
    #expect(list["RunAtLoad"] as? Bool == true && list["Label"] as? String == DaemonInstallation.label)
  }

  @Test("A line feed in a path begins no line of a unit")
  func lineFeed() {
    let sly = DaemonInstallation(
      program: "/x\nExecStartPre=/bin/evil", config: nil, log: "/l", environment: [("A", "b\nUser=root")])
    let lines = sly.unit.split(separator: "\n")
    #expect(!lines.contains { $0.hasPrefix("ExecStartPre") || $0.hasPrefix("User") })
  }

  @Test(
    "systemd's own checker has nothing against the unit", .enabled(if: analyzer != nil, "systemd-analyze is missing"),
    arguments: ["a \"100%\" o'r\\ch $x", "a 100% $x"])
  func analyzed(name: String) throws {
    let directory = FileManager.default.temporaryDirectory.appending(path: "unit-\(UUID().uuidString.prefix(8))")
    let folder = directory.appending(path: name)
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { do { try FileManager.default.removeItem(at: directory) } catch { print("\(error)") } }
    let program = folder.appending(path: "claude-orch").path
    try FileManager.default.createSymbolicLink(atPath: program, withDestinationPath: "/bin/sh")
    let installation = DaemonInstallation(
      program: program, config: Self.config, log: Self.log, environment: Self.environment)
    let unit = directory.appending(path: "orch-test.service")
    try Data(installation.unit.utf8).write(to: unit)
    let check = Process()
    check.executableURL = URL(filePath: try #require(Self.analyzer))
    check.arguments = ["--user", "verify", unit.path]
    check.environment = ["XDG_RUNTIME_DIR": directory.path, "HOME": directory.path, "PATH": "/usr/bin:/bin"]
    let said = directory.appending(path: "said")
    try Data().write(to: said)
    check.standardError = try FileHandle(forWritingTo: said)
    try check.run()
    check.waitUntilExit()
    let text = try String(contentsOf: said, encoding: .utf8)
    #expect(!text.contains("orch-test"), "\(text)")
  }

  private static let analyzer = ["/usr/bin/systemd-analyze", "/bin/systemd-analyze"].first {
    FileManager.default.isExecutableFile(atPath: $0)
  }
}
