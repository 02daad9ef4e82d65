package import OrchMarkdown

extension ScriptBlock {
  /// The code blocks of a plan, in its order.
  package static func blocks(of outline: MarkdownOutline) -> [ScriptBlock] {
    outline.codeBlocks.map { ScriptBlock(info: $0.info, content: $0.content, line: $0.line) }
  }
}
