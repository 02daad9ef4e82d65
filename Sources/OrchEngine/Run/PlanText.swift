import OrchAgents
import OrchMarkdown
import OrchPlan

/// What prompts and changes quote from a plan.
enum PlanText {
  struct Outline {
    /// From behind the title up to the next heading.
    var description: String
    /// The check boxes below *Acceptance Criteria*.
    var criteria: [String]
  }

  /// - Parameter path: The plan's own path; decides how it is read.
  static func outline(_ plan: [UInt8], path: String, root: String) -> Outline {
    let source = PlanSource(path: path, bytes: plan)
    let range = PlanReader.read(source, root: root).description.clamped(to: 0..<plan.count)
    return Outline(
      description: String(decoding: plan[range], as: UTF8.self),
      criteria: PlanReader.criteria(source, root: root).map(\.text))
  }

  static func scriptBlocks(_ plan: [UInt8]) -> [ScriptBlock] {
    let start = FrontMatter(plan)?.bodyStart ?? FrontMatter.textStart(plan)
    let line = plan[..<start].count { $0 == UInt8(ascii: "\n") } + 1
    return ScriptBlock.blocks(of: MarkdownOutline(plan[start...], firstLine: line, .codeBlocks))
  }
}
