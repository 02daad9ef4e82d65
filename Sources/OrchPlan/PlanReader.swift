import OrchDiagnostics
package import OrchDomain
import OrchYAML

/// Reads one file.
package enum PlanReader {
  /// Most bytes of a plan: the whole of it goes to an agent.
  package static let maximumSize = 4 * 1024 * 1024

  /// What a file says; whatever is in it, the result is a unit and everything wrong is among its diagnostics.
  ///
  /// - Parameter root: The directory of the plans, relative to the project's root, such as `docs/plans`.
  package static func read(_ source: PlanSource, root: String) -> PlanUnit {
    let place = PlanPlace(path: source.path, root: root)
    guard place.isMarkdown, place.site != .outside else { return PlanUnit(path: source.path, kind: .other) }
    if place.isOverview { return overview(source, place) }
    var reading = PlanReading(source, place)
    return reading.run()
  }

  /// What a plan means to undo, as far as it can be read.
  package static func removals(_ source: PlanSource, root: String) -> PlanRemovals {
    var reading = PlanReading(source, PlanPlace(path: source.path, root: root))
    _ = reading.run()
    return reading.removals
  }

  /// The check boxes under *Acceptance Criteria*, in the order of the file.
  package static func criteria(_ source: PlanSource, root: String) -> [AcceptanceCriterion] {
    var reading = PlanReading(source, PlanPlace(path: source.path, root: root), keepsCriteria: true)
    _ = reading.run()
    return reading.criteria
  }

  private static func overview(_ source: PlanSource, _ place: PlanPlace) -> PlanUnit {
    // A directory with another name can't hold plans either, which they report themselves.
    guard let module = place.directory, TaskID.isModuleName(module) else {
      return PlanUnit(path: source.path, kind: .other)
    }
    var unit = PlanUnit(path: source.path, kind: .overview, module: module)
    var findings = PlanFindings(path: source.path)
    if let offset = UTF8Check.firstInvalid(source.bytes) { findings.addNotUTF8(source.bytes, at: offset) }
    unit.diagnostics = findings.diagnostics
    return unit
  }
}

/// What a plan says it means to take away of other people's work.
package struct PlanRemovals: Hashable, Sendable {
  /// Tasks whose landed lines may go.
  package var supersedes: [TaskID]
  /// Globs of files out of which lines may go.
  package var removes: [String]
}

extension PlanFindings {
  /// P014 at the byte that is not UTF-8.
  mutating func addNotUTF8(_ bytes: [UInt8], at offset: Int) {
    let place = LineIndex(bytes, in: 0..<min(offset + 1, bytes.count)).place(of: offset)
    let isUTF16 = bytes.starts(with: [0xFF, 0xFE]) || bytes.starts(with: [0xFE, 0xFF])
    let digits = String(bytes[offset], radix: 16, uppercase: true)
    add(
      "P014", at: PlanRange(line: place.line, column: place.column, endColumn: place.column + 1),
      isUTF16 ? "not UTF-8: the file is UTF-16" : "not UTF-8: the byte 0x\(digits) does not belong to a character",
      fix: Diagnostic.Fix("save the file as UTF-8"))
  }
}
