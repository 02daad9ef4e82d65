import OrchDomain
package import OrchSchedule

/// What has to stand in a crontab, or in unit files, so that batches start by the clock. Nothing is installed here.
package struct BatchInstallation: Sendable {
  package struct UnitFile: Hashable, Sendable {
    package var name: String
    package var text: String
  }

  /// Absolute.
  package var program: String
  package var projectRoot: String
  /// Names the project in the names of units.
  package var projectKey: String
  /// The value of `--config`, absolute.
  package var config: String?
  /// What a run by the clock needs of the environment, in order; cron and systemd start it with next to none.
  package var environment: [(name: String, value: String)]

  package init(
    program: String, projectRoot: String, projectKey: String, config: String?,
    environment: [(name: String, value: String)]
  ) {
    self.program = program
    self.projectRoot = projectRoot
    self.projectKey = projectKey
    self.config = config
    self.environment = environment
  }

  private func arguments(_ batch: BatchSpec) -> [String] {
    ["batch", "run", batch.name, "--if-due", "--project", projectRoot] + (config.map { ["--config", $0] } ?? [])
  }

  /// Whether the machine's cron cannot say when the batch is due: in another time zone, or a little later than it says.
  /// Then it asks every five minutes, and the store knows.
  private static func isAsked(_ batch: BatchSpec) -> Bool { batch.timezone != nil || batch.jitter > .zero }

  /// One line of a crontab. What is printed is in the log as well, so only errors are left for cron to mail.
  package func crontabLine(_ batch: BatchSpec) -> String {
    let settings = environment.map { "\($0.name)=\(Self.shellWord($0.value))" }
    let words = settings + ([program] + arguments(batch)).map(Self.shellWord) + [">/dev/null"]
    // cron takes a percent sign for the end of the line, wherever it stands.
    return (Self.isAsked(batch) ? "*/5 * * * *" : batch.cron.crontab) + " "
      + words.joined(separator: " ").replacing("%", with: "\\%")
  }

  /// A service and its timer, for `~/.config/systemd/user`.
  package func units(_ batch: BatchSpec) -> [UnitFile] {
    let name = "claude-orch-\(projectKey)-\(Self.unitName(batch.name))"
    let settings = Self.unitEnvironment(environment)
    let command = Self.unitCommand(program, arguments(batch))
    // Agents outlive the orchestrator and are adopted by the next run; 75 means parked, which is no failure.
    let service = """
      [Unit]
      Description=claude-orch batch \(Self.unitText(batch.name)) of \(Self.unitText(projectRoot))

      [Service]
      Type=oneshot
      KillMode=process
      SuccessExitStatus=75
      \(settings)ExecStart=\(command)

      """
    let calendars = Self.isAsked(batch) ? ["*:0/5"] : batch.cron.systemdCalendars
    let times = calendars.map { "OnCalendar=\($0)\n" }.joined()
    let timer = """
      [Unit]
      Description=Starts claude-orch batch \(Self.unitText(batch.name)) of \(Self.unitText(projectRoot))

      [Timer]
      \(times)Persistent=true

      [Install]
      WantedBy=timers.target

      """
    return [UnitFile(name: name + ".service", text: service), UnitFile(name: name + ".timer", text: timer)]
  }

  /// One word of a POSIX shell.
  static func shellWord(_ text: String) -> String {
    let isPlain =
      !text.isEmpty
      && text.utf8.allSatisfy { byte in
        (48...57).contains(byte) || (65...90).contains(byte) || (97...122).contains(byte)
          || [0x2D, 0x2E, 0x2F, 0x3A, 0x5F, 0x2C, 0x2B].contains(byte)
      }
    return isPlain ? text : "'" + text.replacing("'", with: "'\\''") + "'"
  }

  /// The value of `ExecStart`.
  static func unitCommand(_ program: String, _ arguments: [String]) -> String {
    // In arguments, and only there, a dollar sign begins a variable.
    let rest = { (words: [String]) in words.map { unitWord($0).replacing("$", with: "$$") } }
    guard program.contains(where: { "\"'\\".contains($0) }) else {
      return ([unitWord(program)] + rest(arguments)).joined(separator: " ")
    }
    // systemd takes no program whose path has such characters, a shell does.
    return (["/bin/sh"] + rest(["-c", "exec \"$0\" \"$@\"", program] + arguments)).joined(separator: " ")
  }

  /// Lines of `Environment`, where a dollar sign means nothing.
  static func unitEnvironment(_ environment: [(name: String, value: String)]) -> String {
    environment.map { "Environment=\(unitWord("\($0.name)=\($0.value)"))\n" }.joined()
  }

  /// One quoted word of a unit file.
  private static func unitWord(_ text: String) -> String {
    "\"" + unitText(text).replacing("\\", with: "\\\\").replacing("\"", with: "\\\"") + "\""
  }

  /// `%` begins a specifier everywhere in a unit file, and a line cannot have a line feed.
  static func unitText(_ text: String) -> String {
    text.replacing("%", with: "%%").split(whereSeparator: \.isNewline).joined(separator: " ")
  }

  /// A name for files and units. Two batches never get the same one.
  static func unitName(_ text: String) -> String {
    let safe = String(text.map { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "-" || $0 == "_") ? $0 : "-" })
    return safe == text && text.count <= 100 ? text : "\(safe.prefix(100))-\(SHA256.hex(text.utf8).prefix(8))"
  }
}
