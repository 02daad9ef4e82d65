/// What the target of a link means as a file of the project.
struct LinkTarget: Hashable {
  /// The path as written, decoded, without anchor; nil for another site, or for an anchor alone.
  let path: String?

  init(_ url: String) {
    var text = url[...]
    if let end = text.firstIndex(where: { $0 == "#" || $0 == "?" }) { text = text[..<end] }
    guard !text.isEmpty, !text.hasPrefix("//"), !LinkTarget.hasScheme(text) else {
      path = nil
      return
    }
    path = LinkTarget.decoded(text)
  }

  /// Whether the link leads to a Markdown file of the project.
  var isMarkdown: Bool { path?.lowercased().hasSuffix(".md") ?? false }

  /// The paths, relative to the project's root, that the link may mean, likeliest first.
  ///
  /// - Parameter file: The file that has the link. Besides links relative to its directory, which are right, there are
  ///   many that were written relative to the root.
  func candidates(from file: String) -> [String] {
    guard let path else { return [] }
    let fromRoot = LinkTarget.normalized([], path)
    if path.hasPrefix("/") { return fromRoot.map { [$0] } ?? [] }
    let fromFile = LinkTarget.normalized(file.split(separator: "/").dropLast().map(String.init), path)
    return [fromFile, fromRoot].compactMap { $0 }
  }

  /// Nil when `..` leads out of the project.
  private static func normalized(_ base: [String], _ path: String) -> String? {
    var parts = base
    for part in path.split(separator: "/") where part != "." {
      if part == ".." {
        guard parts.popLast() != nil else { return nil }
      } else {
        parts.append(String(part))
      }
    }
    return parts.isEmpty ? nil : parts.joined(separator: "/")
  }

  /// `https:`, `mailto:` and so on.
  private static func hasScheme(_ text: Substring) -> Bool {
    guard let colon = text.firstIndex(of: ":"), let first = text.first, first.isASCII, first.isLetter else {
      return false
    }
    return text[..<colon].allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || "+-.".contains($0)) }
  }

  /// Percent-encoding resolved; what is no valid encoding stays.
  private static func decoded(_ text: Substring) -> String {
    guard text.utf8.contains(UInt8(ascii: "%")) else { return String(text) }
    let bytes = Array(text.utf8)
    var result: [UInt8] = []
    var i = 0
    while i < bytes.count {
      if bytes[i] == UInt8(ascii: "%"), i + 2 < bytes.count, let high = hexadecimal(bytes[i + 1]),
        let low = hexadecimal(bytes[i + 2])
      {
        result.append(high << 4 | low)
        i += 3
      } else {
        result.append(bytes[i])
        i += 1
      }
    }
    return String(decoding: result, as: UTF8.self)
  }

  private static func hexadecimal(_ byte: UInt8) -> UInt8? {
    switch byte {
    case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
    case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - UInt8(ascii: "a") + 10
    case UInt8(ascii: "A")...UInt8(ascii: "F"): byte - UInt8(ascii: "A") + 10
    default: nil
    }
  }
}
