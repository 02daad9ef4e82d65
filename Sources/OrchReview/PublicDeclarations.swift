/// Declarations that code outside of a module can see.
enum PublicDeclarations {
  /// Whether a line of this kind of file declares something for others.
  static func isDeclaration(_ text: String, in file: FileRole) -> Bool {
    let line = text.drop { $0.isWhitespace }
    let isIndented = line.startIndex != text.startIndex
    let words = line.prefix(200).split { $0 == " " || $0 == "\t" }
    guard let first = words.first else { return false }
    switch file.suffix {
    case "swift": return first == "public" || first == "open" || first.hasPrefix("@inlinable")
    case "go":
      guard ["func", "type", "var", "const"].contains(first), !isIndented else { return false }
      return declaresExportedName(line)
    case "rs": return first == "pub" || (first.hasPrefix("pub(") && !first.hasPrefix("pub(self"))
    case "js", "jsx", "ts", "tsx", "mjs", "cjs": return first == "export" || line.hasPrefix("module.exports")
    case "java", "kt", "kts", "scala", "cs": return first == "public" || first == "protected" || first == "interface"
    case "py", "pyi":
      if line.hasPrefix("__all__") { return true }
      guard first == "def" || first == "class" || first == "async",
        let name = words.dropFirst().last(where: { $0 != "def" })
      else { return false }
      return !name.hasPrefix("_")
    case "h", "hpp", "hh":
      return line.hasPrefix("#define") || (!isIndented && line.contains("(") && !line.hasPrefix("//"))
    case "rb": return first == "def" || first == "class" || first == "module"
    case "php": return first == "public" || first == "interface"
    default: return false
    }
  }

  /// `func Name(`, `func (r *Receiver) Name(`, `type Name`.
  private static func declaresExportedName(_ line: Substring) -> Bool {
    var rest = line.drop { $0.isLetter }.drop { $0 == " " }
    if rest.first == "(" {
      guard let close = rest.firstIndex(of: ")") else { return false }
      rest = rest[rest.index(after: close)...].drop { $0 == " " }
    }
    return rest.first?.isUppercase ?? false
  }
}
