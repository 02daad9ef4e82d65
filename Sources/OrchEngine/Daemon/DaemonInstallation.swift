import OrchDomain

/// The files with which a system starts the daemon by itself. Nothing is installed here.
package struct DaemonInstallation: Sendable {
  /// Absolute.
  package var program: String
  /// The value of `--config`, absolute.
  package var config: String?
  package var log: String
  package var environment: [(name: String, value: String)]

  package init(program: String, config: String?, log: String, environment: [(name: String, value: String)]) {
    self.program = program
    self.config = config
    self.log = log
    self.environment = environment
  }

  package static let unitName = "claude-orch.service"
  package static let label = "claude-orch.daemon"

  private var arguments: [String] { ["serve"] + (config.map { ["--config", $0] } ?? []) }

  /// For `~/.config/systemd/user`.
  package var unit: String {
    // Agents outlive the daemon and are adopted by the next one.
    return """
      [Unit]
      Description=claude-orch daemon

      [Service]
      Type=exec
      KillMode=process
      Restart=on-failure
      RestartSec=5
      \(BatchInstallation.unitEnvironment(environment))ExecStart=\(BatchInstallation.unitCommand(program, arguments))

      [Install]
      WantedBy=default.target

      """
  }

  /// For `~/Library/LaunchAgents`.
  package var propertyList: String {
    let arguments = ([program] + self.arguments).map { "    <string>\(Self.escaped($0))</string>\n" }.joined()
    let settings = environment.map {
      "    <key>\(Self.escaped($0.name))</key>\n    <string>\(Self.escaped($0.value))</string>\n"
    }.joined()
    return """
      <?xml version="1.0" encoding="UTF-8"?>
      <!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">
      <plist version="1.0">
      <dict>
        <key>Label</key>
        <string>\(Self.label)</string>
        <key>ProgramArguments</key>
        <array>
      \(arguments)  </array>
        <key>EnvironmentVariables</key>
        <dict>
      \(settings)  </dict>
        <key>RunAtLoad</key>
        <true/>
        <key>KeepAlive</key>
        <dict>
          <key>SuccessfulExit</key>
          <false/>
        </dict>
        <key>AbandonProcessGroup</key>
        <true/>
        <key>StandardErrorPath</key>
        <string>\(Self.escaped(log))</string>
      </dict>
      </plist>

      """
  }

  private static func escaped(_ text: String) -> String {
    text.replacing("&", with: "&amp;").replacing("<", with: "&lt;").replacing(">", with: "&gt;")
  }
}
