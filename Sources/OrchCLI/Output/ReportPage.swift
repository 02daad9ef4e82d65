import OrchDomain

/// A report as headings, lines and tables, which are the same in every format. Every text is hostile until it is
/// written: each format escapes all of it in one place.
struct ReportPage {
  struct Section {
    var title: String
    /// Empty for a list of lines.
    var header: [String] = []
    var rows: [[String]] = []
    var note: String?
  }

  var title: String
  var lead: [String]
  var sections: [Section]

  /// The longest text of a cell or line.
  private static let limit = 300

  private static func clean(_ text: String) -> String { SafeText.line(text, limit: limit) }

  // MARK: For a terminal

  /// - Parameter width: Of the terminal; nil leaves tables whole.
  func text(width: Int?) -> String {
    var text = lead.map { Self.clean($0) + "\n" }.joined()
    for section in sections {
      text += "\n\(Self.clean(section.title)):\n"
      if let note = section.note { text += "  \(Self.clean(note))\n" }
      guard section.header.isEmpty else {
        var table = TextTable(header: section.header)
        for row in section.rows { table.add(row.map(Self.clean)) }
        text += table.text(width: width)
        continue
      }
      for row in section.rows {
        text += "  " + row.dropLast().map { Self.clean($0).padding(to: 16) + "  " }.joined()
        text += Self.clean(row.last ?? "") + "\n"
      }
    }
    return text
  }

  // MARK: Markdown

  var markdown: String {
    var text = "# \(Self.markdown(title))\n"
    if !lead.isEmpty { text += "\n" + lead.map(Self.markdown).joined(separator: "  \n") + "\n" }
    for section in sections {
      text += "\n## \(Self.markdown(section.title))\n\n"
      if let note = section.note { text += Self.markdown(note) + "\n\n" }
      guard section.header.isEmpty else {
        text += Self.row(section.header) + Self.row(section.header.map { _ in "---" }, isPlain: true)
        for row in section.rows { text += Self.row(row) }
        continue
      }
      for row in section.rows {
        text += "- " + row.filter { !$0.isEmpty }.map(Self.markdown).joined(separator: " - ") + "\n"
      }
    }
    return text
  }

  private static func row(_ cells: [String], isPlain: Bool = false) -> String {
    "| " + cells.map { isPlain ? $0 : markdown($0) }.joined(separator: " | ") + " |\n"
  }

  /// Text in which no character means anything to a reader of Markdown. Also no address becomes a link, and nobody is
  /// called by `@name`.
  static func markdown(_ text: String) -> String {
    var result = ""
    for scalar in clean(text).unicodeScalars {
      switch scalar {
      case "&": result += "&amp;"
      case "<": result += "&lt;"
      case ">": result += "&gt;"
      case "@": result += "@\u{200B}"
      case "\\", "`", "*", "_", "{", "}", "[", "]", "(", ")", "#", "+", "!", "|", "~", "$":
        result += "\\" + String(scalar)
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result.replacing("://", with: ":\u{200B}//").replacing("www.", with: "www\u{200B}.")
  }

  // MARK: HTML

  /// A whole page without scripts, styles from elsewhere, or anything that is loaded.
  var html: String {
    var text = """
      <!DOCTYPE html>
      <html lang="en">
      <head>
      <meta charset="utf-8">
      <meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
      <title>\(Self.html(title))</title>
      <style>
      body { font: 15px/1.5 system-ui, sans-serif; max-width: 70em; margin: 2em auto; padding: 0 1em; }
      table { border-collapse: collapse; }
      td, th { border-bottom: 1px solid #ccc; padding: .2em .6em; text-align: left; }
      h2 { margin-top: 1.5em; font-size: 1.1em; }
      </style>
      </head>
      <body>
      <h1>\(Self.html(title))</h1>

      """
    for line in lead { text += "<p>\(Self.html(line))</p>\n" }
    for section in sections {
      text += "<h2>\(Self.html(section.title))</h2>\n"
      if let note = section.note { text += "<p>\(Self.html(note))</p>\n" }
      text += "<table>\n"
      if !section.header.isEmpty { text += Self.row(section.header, "th") }
      for row in section.rows { text += Self.row(row, "td") }
      text += "</table>\n"
    }
    return text + "</body>\n</html>\n"
  }

  private static func row(_ cells: [String], _ tag: String) -> String {
    "<tr>" + cells.map { "<\(tag)>\(html($0))</\(tag)>" }.joined() + "</tr>\n"
  }

  static func html(_ text: String) -> String {
    clean(text).replacing("&", with: "&amp;").replacing("<", with: "&lt;").replacing(">", with: "&gt;")
      .replacing("\"", with: "&quot;").replacing("'", with: "&#39;")
  }
}
