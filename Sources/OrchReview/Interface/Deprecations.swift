import OrchDomain

/// Marks that tell users of an interface to leave it.
enum Deprecations {
  private static let marks: [[UInt8]] = ["@deprecated", "@available(*,deprecated", "[obsolete", "#[deprecated"].map {
    Array($0.utf8)
  }

  static func judge(
    _ file: FileDiff, _ lines: [ScannedLine], _ role: FileRole, _ context: ReviewContext,
    _ evidence: inout EvidenceCollector
  ) {
    guard context.publishes(role, path: file.path) else { return }
    for line in lines where line.isAdded && !line.isComment {
      let lower = line.bare.map(CodeLine.lower)
      guard marks.contains(where: lower.starts) else { continue }
      evidence.add(.publicAPI, file.path, line.line, line.excerpt(0))
    }
  }
}
