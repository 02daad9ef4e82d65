import OrchFiles

/// The programs that a gate's commands start, so that what they said is not believed of their next version.
///
/// Names them as far as they can be told from the text: the first word of each simple command. What is in the
/// repository belongs to the tree, and what a program starts in its turn is not seen.
enum Toolchain {
  /// Programs that a shell would look up, each once, in order.
  static func programs(in commands: [String]) -> [String] {
    var found: [String] = []
    for command in commands {
      for part in command.split(whereSeparator: { ";&|\n(){}`$".contains($0) }) {
        let words = part.split(whereSeparator: \.isWhitespace).map { $0.filter { $0 != "\"" && $0 != "'" } }
        let program = words.first { !$0.contains("=") && !prefixes.contains($0) }
        guard let program, !program.isEmpty, !program.contains("/") || program.hasPrefix("/"),
          !found.contains(program)
        else { continue }
        found.append(program)
      }
    }
    return found
  }

  private static let prefixes: Set<String> = [
    "!", "do", "elif", "else", "env", "exec", "if", "nice", "then", "time", "until", "while",
  ]

  /// Changes with every program that is replaced. What cannot be found or looked at counts by its name.
  ///
  /// - Parameter path: The value of PATH that the commands get.
  static func fingerprint(of commands: [String], path: String) -> [String] {
    programs(in: commands).map { program in
      guard let file = ProgramSearch.find(program, path: path) else { return program }
      do {
        let stamp = try FileStamp(of: String(file.dropFirst()), in: "")
        return "\(file) \(stamp.inode) \(stamp.size) \(stamp.modified)"
      } catch {
        return file
      }
    }
  }
}
