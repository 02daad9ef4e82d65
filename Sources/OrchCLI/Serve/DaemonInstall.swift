import ArgumentParser
import OrchConfig
import OrchDomain
import OrchEngine
import OrchFiles

/// `claude-orch daemon install`
struct DaemonInstallCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "install", abstract: "Write the unit file with which the system starts the daemon for you",
    discussion: "It is written, not switched on; the lines to do that are printed.")

  @OptionGroup var options: ProjectOptions

  @Flag(name: .long, help: "A unit for systemd in ~/.config/systemd/user (the default on Linux)")
  var systemd = false

  @Flag(name: .long, help: "A property list for launchd in ~/Library/LaunchAgents (the default on macOS)")
  var launchd = false

  @Flag(name: .customLong("print"), help: "Print it and write nothing")
  var prints = false

  func validate() throws {
    if systemd && launchd { throw ValidationError("--systemd and --launchd exclude each other") }
  }

  func run() async throws {
    let place = try DaemonPlace(options)
    guard let program = Surroundings.programPath else {
      throw EngineError.unavailable("the path of this program cannot be found out")
    }
    #if os(macOS)
      let usesLaunchd = !systemd
    #else
      let usesLaunchd = launchd
    #endif
    let needed = ["HOME", "PATH", "CLAUDE_ORCH_HOME", "CLAUDE_ORCH_CONFIG"]
    let installation = DaemonInstallation(
      program: program, config: options.config.map { place.launch.absolute($0) }, log: place.log,
      environment: needed.compactMap { name in place.launch.environment[name].map { (name, $0) } })
    let text = usesLaunchd ? installation.propertyList : installation.unit
    if prints { return Terminal.standardOutput.write(text) }
    let path =
      usesLaunchd
      ? "\(place.launch.home)/Library/LaunchAgents/\(DaemonInstallation.label).plist"
      : "\(place.launch.home)/.config/systemd/user/\(DaemonInstallation.unitName)"
    try DirectoryOfFile.make(path)
    try DirectoryOfFile.make(place.log)
    try AtomicFile.write(path, Array(text.utf8), mode: 0o644, overwriting: true)
    Terminal.standardOutput.write("Wrote \(SafeText.visible(path)). To switch it on:\n")
    Terminal.standardOutput.write(
      usesLaunchd
        ? "  launchctl bootstrap gui/$(id -u) \(SafeText.visible(path))\n"
        : "  systemctl --user daemon-reload && systemctl --user enable --now \(DaemonInstallation.unitName)\n"
          + "  loginctl enable-linger  # so that it also runs while you are not logged in\n")
  }
}
