/// Our own lines of a crontab, between two marks. Everything else belongs to somebody else and stays byte for byte.
package struct CrontabBlock: Hashable, Sendable {
  private let begin: String
  private let end: String

  /// - Parameter key: Names the project, so that projects do not take each other's lines.
  package init(key: String) {
    begin = "# BEGIN claude-orch \(key) (made by `claude-orch batch install`)"
    end = "# END claude-orch \(key)"
  }

  /// The crontab with exactly these lines of ours, in the place of the earlier ones or behind everything; none, and
  /// the marks go too.
  ///
  /// - Throws: ``EngineError`` when a mark stands alone: then nobody knows what is ours.
  package func replacing(_ crontab: String, with lines: [String]) throws(EngineError) -> String {
    var rows = crontab.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    let begins = rows.indices.filter { rows[$0] == begin }
    let ends = rows.indices.filter { rows[$0] == end }
    let block = lines.isEmpty ? [] : [begin] + lines + [end]
    switch (begins.count, ends.count) {
    case (0, 0):
      guard !block.isEmpty else { return crontab }
      let isOpen = !crontab.isEmpty && !crontab.hasSuffix("\n")
      return crontab + (isOpen ? "\n" : "") + block.joined(separator: "\n") + "\n"
    case (1, 1) where begins[0] < ends[0]:
      rows.replaceSubrange(begins[0]...ends[0], with: block)
      return rows.joined(separator: "\n")
    default:
      throw .invalid("the marks '\(begin)' and '\(end)' of your crontab do not pair; put that right with `crontab -e`")
    }
  }
}
