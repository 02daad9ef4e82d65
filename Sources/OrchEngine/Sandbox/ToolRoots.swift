/// Finds the files that a configured program needs and that are not part of the system: itself, what its links lead
/// to, its interpreter, and the installation around it. Asks through closures, so that it can be tried on a table.
package struct ToolRoots {
  /// Of the program's environment.
  package var path: [String]
  package var home: String?
  /// Directories that must not become visible as a whole because they hold other things: the state directory, the
  /// project, the directory for temporary files.
  package var closed: [String]
  /// Where a symbolic link leads, as written; nil for everything else.
  package var link: (String) -> String?
  package var exists: (String) -> Bool
  /// Whether it is a file that may be run: a command that merely mentions `~/.ssh` must not open it.
  package var isProgram: (String) -> Bool
  /// The first line of a file that begins with `#!`.
  package var shebang: (String) -> String?

  package init(
    path: [String], home: String?, closed: [String], link: @escaping (String) -> String?,
    exists: @escaping (String) -> Bool, isProgram: @escaping (String) -> Bool, shebang: @escaping (String) -> String?
  ) {
    self.path = path
    self.home = home
    self.closed = closed
    self.link = link
    self.exists = exists
    self.isProgram = isProgram
    self.shebang = shebang
  }

  /// Installations that usually live in a home directory and hold no secrets, each with what has to be there beside its
  /// programs. By the place of the programs, relative to that directory.
  private static let managers: [(programs: String, needs: [String])] = [
    (".cargo/bin", [".cargo/bin", ".rustup"]), (".nvm", [".nvm"]), (".pyenv", [".pyenv"]), (".rbenv", [".rbenv"]),
    (".asdf", [".asdf"]), (".volta", [".volta"]), (".bun/bin", [".bun/bin"]), (".deno/bin", [".deno/bin"]),
    (".sdkman/candidates", [".sdkman/candidates"]), (".local/share/swiftly", [".local/share/swiftly"]),
    (".swiftly", [".swiftly"]), (".local/share/mise", [".local/share/mise"]),
    (".local/share/fnm", [".local/share/fnm"]), (".local/share/pipx", [".local/share/pipx"]),
    (".local/share/uv", [".local/share/uv"]), (".local/share/claude", [".local/share/claude"]),
    (".local/bin", [".local/bin"]), (".goenv", [".goenv"]), ("go/bin", ["go/bin"]), (".ghcup", [".ghcup"]),
    (".opam", [".opam"]), (".dotnet", [".dotnet"]), (".npm-global", [".npm-global"]),
  ]
  private static let besidePrograms = ["lib", "lib64", "libexec", "share", "include", "pyvenv.cfg"]

  /// - Parameter commands: Shell commands, or programs with arguments.
  /// - Returns: Absolute paths, sorted.
  package func roots(for commands: [String]) -> [String] {
    var found: Set<String> = []
    var open: [String] = []
    // A gate such as `make test` calls programs that nobody names, so managers on the PATH count as used.
    for directory in path where isForeign(directory) {
      if let manager = manager(of: directory) { found.formUnion(manager) }
    }
    for command in commands { open += words(of: command).compactMap(locate) }
    var seen: Set<String> = []
    while let file = open.popLast(), seen.count < 4096 {
      guard seen.insert(file).inserted else { continue }
      if isForeign(file) { found.formUnion(roots(around: file)) }
      for hop in hops(file) { open.append(hop) }
      if let line = shebang(file) { open += interpreters(line) }
    }
    return found.sorted()
  }

  private func words(of command: String) -> [String] {
    command.split { " \t\n;|&()<>\"'`$={},".contains($0) }.map(String.init)
  }

  private func locate(_ word: String) -> String? {
    if word.hasPrefix("~/") { return home.map { "\($0)/\(word.dropFirst(2))" }.flatMap { isProgram($0) ? $0 : nil } }
    if word.hasPrefix("/") { return isProgram(word) ? word : nil }
    guard !word.contains("/"), !word.hasPrefix("-") else { return nil }
    return path.lazy.map { "\($0)/\(word)" }.first(where: isProgram)
  }

  private func interpreters(_ line: String) -> [String] {
    line.dropFirst(2).split(separator: " ").prefix(3).compactMap { locate(String($0)) }
  }

  /// Where the links in a path lead next: the file itself, or the first directory on its way that is a link.
  private func hops(_ file: String) -> [String] {
    var prefix = ""
    let parts = file.split(separator: "/")
    for (index, part) in parts.enumerated() {
      let parent = prefix
      prefix += "/\(part)"
      guard let target = link(prefix) else { continue }
      let rest = parts[(index + 1)...].map { "/\($0)" }.joined()
      return [Self.normal((target.hasPrefix("/") ? target : "\(parent)/\(target)") + rest)]
    }
    return []
  }

  private static func normal(_ path: String) -> String {
    var parts: [Substring] = []
    for part in path.split(separator: "/") where part != "." {
      if part == ".." { _ = parts.popLast() } else { parts.append(part) }
    }
    return "/" + parts.joined(separator: "/")
  }

  private func isForeign(_ path: String) -> Bool {
    path.hasPrefix("/")
      && !(SandboxLayout.system + ["/etc", "/dev", "/proc"]).contains { path == $0 || path.hasPrefix($0 + "/") }
  }

  /// Whoever's home directory it is: `PATH` may name that of another user.
  private func manager(of path: String) -> [String]? {
    for manager in Self.managers {
      guard let place = (path + "/").firstRange(of: "/\(manager.programs)/") else { continue }
      let base = path[..<place.lowerBound]
      return manager.needs.map { "\(base)/\($0)" }
    }
    return nil
  }

  private func roots(around file: String) -> [String] {
    if let manager = manager(of: file) { return manager }
    guard let slash = file.lastIndex(of: "/") else { return [] }
    let directory = String(file[..<slash])
    // A directory that holds other things than programs is not opened for one of them.
    if isClosed(directory) { return [file] }
    guard directory.hasSuffix("/bin"), let parent = directory.lastIndex(of: "/") else { return [directory] }
    let beside = Self.besidePrograms.map { "\(directory[..<parent])/\($0)" }
    return [directory] + beside.filter { exists($0) && !isClosed($0) }
  }

  private func isClosed(_ directory: String) -> Bool {
    directory.isEmpty
      || (closed + (home.map { [$0] } ?? []) + ["/tmp", "/var/tmp"]).contains {
        $0 == directory || $0.hasPrefix(directory + "/")
      }
  }
}
