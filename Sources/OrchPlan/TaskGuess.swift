import OrchDomain

/// Guesses which task a malformed text means.
enum TaskGuess {
  /// Understands wrong letter case, a missing module, dots or colons for the slash, and the name of a plan file.
  static func id(meantBy text: String, in module: String?) -> TaskID? {
    guard text.utf8.count <= 200 else { return nil }
    let trimmed = text.split(whereSeparator: \.isWhitespace).joined()
    let parts = trimmed.split { "/.:#".contains($0) }
    guard let last = parts.last, parts.count <= 2 else { return file(trimmed, in: module) }
    let written = parts.count == 2 ? parts[0].lowercased().replacing("_", with: "-") : module
    if let written, TaskID.isModuleName(written), let code = code(last) {
      return TaskID(module: written, prefix: code.prefix, number: code.number)
    }
    return file(trimmed, in: module)
  }

  private static func code(_ text: Substring) -> TaskCode? {
    guard let first = text.first, first.isLetter || first.isNumber else { return nil }
    let upper = text.uppercased().filter { $0 != "-" && $0 != "_" }
    if let code = TaskCode(upper) { return code }
    return TaskCode("E" + upper)
  }

  private static func file(_ path: String, in module: String?) -> TaskID? {
    let parts = path.split(separator: "/")
    guard let last = parts.last else { return nil }
    let directory = parts.count >= 2 ? String(parts[parts.count - 2]) : module
    let file = last.hasSuffix(".md") ? String(last) : last + "-.md"
    guard let directory, TaskID.isModuleName(directory), let name = PlanName(file, in: directory),
      let number = name.number
    else { return nil }
    return TaskID(module: directory, prefix: name.prefix, number: number)
  }
}
