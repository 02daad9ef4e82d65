import ArgumentParser
import OrchDomain
import OrchStore

/// `claude-orch version`
struct VersionCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "version", abstract: "Print the version of this program and of what it was built with")

  @OptionGroup var output: OutputOptions

  func run() throws {
    let schema = Store.schemaVersion
    Terminal.standardOutput.write(
      output.json
        ? JSONValue.object([
          .init("version", .string(Version.number)), .init("swift", .string(Self.swift)),
          .init("platform", .string(Self.platform)), .init("schema_version", JSONValue(schema)),
        ]).text() + "\n"
        : "\(Version.text)\nSwift \(Self.swift), \(Self.platform), state schema \(schema)\n")
  }

  /// The compiler's version, as far as it can be told at compile time.
  static var swift: String {
    #if compiler(>=6.4)
      "6.4 or later"
    #elseif compiler(>=6.3)
      "6.3"
    #else
      "6.2"
    #endif
  }

  /// `linux x86_64`.
  static var platform: String { "\(system) \(architecture)" }

  private static var system: String {
    #if os(Linux)
      "linux"
    #elseif os(macOS)
      "macos"
    #else
      "unknown"
    #endif
  }

  private static var architecture: String {
    #if arch(x86_64)
      "x86_64"
    #elseif arch(arm64)
      "arm64"
    #else
      "unknown"
    #endif
  }
}
