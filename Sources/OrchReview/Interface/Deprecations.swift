import OrchDomain

/// Marks that tell users of an interface to leave it, and conditions under which it is there at all.
enum Deprecations {
  private static let marks: [[UInt8]] = ["@deprecated", "@available(*,deprecated", "[obsolete", "#[deprecated"].map {
    Array($0.utf8)
  }

  private static let conditions: [[UInt8]] = [
    "#ifcanImport(", "#ifos(", "#iftargetEnvironment(", "#ifswift(", "@available(", "#[cfg(",
  ].map { Array($0.utf8) }

  /// Nobody else sees what is only there for tests.
  private static let testCondition = Array("#[cfg(test)]".utf8)

  static func judge(
    _ file: FileDiff, _ lines: [ScannedLine], _ role: FileRole, _ context: ReviewContext,
    _ evidence: inout EvidenceCollector
  ) {
    guard context.publishes(role, path: file.path) else { return }
    for line in lines where line.isAdded && !line.isComment {
      if conditions.contains(where: line.bare.starts), !line.bare.starts(with: testCondition) {
        evidence.add(.publicAPI, file.path, line.line, line.excerpt(0))
      }
      let lower = line.bare.map(CodeLine.lower)
      guard marks.contains(where: lower.starts) else { continue }
      evidence.add(.publicAPI, file.path, line.line, line.excerpt(0))
    }
  }
}
