package import OrchProcess

/// Which parts of the machine a sandboxed program gets. Values in, mounts out.
package struct SandboxLayout: Hashable, Sendable {
  package var worktree: String
  /// The user's home directory, whose place is taken by ``privateHome``; nil when there is none.
  package var home: String?
  package var privateHome: String
  /// Stands for `/tmp` and `/var/tmp`.
  package var temporary: String
  /// What git needs, from ``OrchGit``.
  package var git: [Sandbox.Mount] = []
  /// Files and directories of the programs that are going to run.
  package var tools: [String] = []
  /// Prompt, plan and feedback.
  package var inputs: [String] = []
  /// Where the agent keeps its sessions, and what it shares with later turns.
  package var sessions: [String] = []
  /// Directories with the agent's own login, in their usual place. Writable, because a renewed login has to be written
  /// back.
  package var logins: [String] = []
  /// `[sandbox] read` and `write`.
  package var readable: [String] = []
  package var writable: [String] = []

  package init(worktree: String, home: String?, privateHome: String, temporary: String) {
    self.worktree = worktree
    self.home = home
    self.privateHome = privateHome
    self.temporary = temporary
  }

  /// Programs and libraries of the system: nobody's secrets.
  package static let system = ["/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32", "/opt", "/nix", "/snap"]

  /// The part of `/etc` that programs cannot do without: names, addresses, certificates, alternatives, shells.
  package static let etc =
    [
      "alternatives", "bash.bashrc", "ca-certificates", "ca-certificates.conf", "crypto-policies", "debian_version",
      "default/locale", "fonts", "gai.conf", "group", "host.conf", "hosts", "inputrc", "java", "ld.so.cache",
      "ld.so.conf", "ld.so.conf.d", "locale.alias", "locale.conf", "localtime", "login.defs", "mailcap", "mime.types",
      "nsswitch.conf", "os-release", "passwd", "profile", "profile.d", "protocols", "resolv.conf", "rpc", "services",
      "shells", "terminfo", "timezone",
    ].map { "/etc/\($0)" } + certificates + languages

  /// Certificates without the private keys that lie beside them.
  private static let certificates = [
    "ssl/cert.pem", "ssl/certs", "ssl/openssl.cnf", "pki/ca-trust", "pki/java", "pki/tls/cert.pem", "pki/tls/certs",
    "pki/tls/openssl.cnf",
  ].map { "/etc/\($0)" }

  /// What installations of languages below `/usr` are linked to. Files that may hold a login, such as `npmrc` and
  /// `pip.conf`, are for `[sandbox] read`.
  private static let languages =
    ["R", "ant", "ant.conf", "dotnet", "erlang", "maven", "mono", "perl", "php", "python3"].map { "/etc/\($0)" }
    + [8, 11, 17, 21, 25].map { "/etc/java-\($0)-openjdk" } + (9...15).map { "/etc/python3.\($0)" }

  private static let loginSettings = [
    "settings.json", "settings.local.json", "CLAUDE.md", "agents", "commands", "hooks", "plugins", "skills",
  ]

  /// The mounts, in no particular order.
  package var mounts: [Sandbox.Mount] {
    var result = (Self.system + Self.etc).map { Sandbox.Mount.readableIfPresent($0) }
    result += [.writable("/tmp", from: temporary), .writable("/var/tmp", from: temporary)]
    if let home, Self.mayBeReplaced(home) { result.append(.writable(home, from: privateHome)) }
    result += (tools + readable).map { .readableIfPresent($0) }
    result += inputs.map { .readable($0) }
    for login in logins {
      result.append(Sandbox.Mount(source: login, target: login, isWritable: true, isOptional: true))
      // What the user's own sessions would obey.
      result += Self.loginSettings.map { .readableIfPresent("\(login)/\($0)") }
    }
    result += sessions.map { .writable($0) }
    result += writable.map { Sandbox.Mount(source: $0, target: $0, isWritable: true, isOptional: true) }
    result.append(.writable(worktree))
    return result + git
  }

  /// A home that is a directory of the system, as service users have it, is left as it is.
  private static func mayBeReplaced(_ home: String) -> Bool {
    home != "/" && home.hasPrefix("/") && !system.contains { $0 == home || home.hasPrefix($0 + "/") }
      && !system.contains { $0.hasPrefix(home + "/") } && !"/etc/".hasPrefix(home + "/")
  }
}
