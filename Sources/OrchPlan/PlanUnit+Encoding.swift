import OrchDiagnostics
import OrchDomain

extension PlanUnit {
  /// Changes whenever the form of the bytes, or what the reader makes of a file, changes.
  package static let encodingVersion: UInt8 = 2

  /// The unit as bytes that ``init(encoded:)`` reads: version, fields, and a 64-bit hash of both.
  package func encoded() -> [UInt8] {
    var writer = ByteWriter()
    writer.byte(PlanUnit.encodingVersion)
    writer.text(path)
    writer.byte(kind.rawValue)
    writer.optional(module) { $0.text($1) }
    writer.optional(task) { PlanUnit.write($1, to: &$0) }
    writer.optional(idRange) { PlanUnit.write($1, to: &$0) }
    writer.list(dependencies) {
      PlanUnit.write($1.id, to: &$0)
      PlanUnit.write($1.range, to: &$0)
    }
    writer.list(touchRanges) { PlanUnit.write($1, to: &$0) }
    writer.optional(statusRange) { PlanUnit.write($1, to: &$0) }
    writer.count(description.lowerBound)
    writer.count(description.count)
    writer.list(diagnostics) { PlanUnit.write($1, to: &$0) }
    writer.fixed(writer.bytes.withUnsafeBytes { ContentHash.hash($0, seed: 0) })
    // Exactly as long as it is: it is kept until all plans are read, and what grows has up to twice the room.
    return [UInt8](unsafeUninitializedCapacity: writer.bytes.count) { target, count in
      count = target.initialize(fromContentsOf: writer.bytes)
    }
  }

  private static func write(_ task: PlanTask, to writer: inout ByteWriter) {
    write(task.id, to: &writer)
    writer.text(task.title)
    writer.text(task.path)
    writer.optional(task.phase) { $0.count($1) }
    writer.byte(UInt8(truncatingIfNeeded: TaskStatus.allCases.firstIndex(of: task.status) ?? 0))
    writer.byte(UInt8(truncatingIfNeeded: task.priority.rank))
    writer.list(task.dependencies) {
      write($1.id, to: &$0)
      $0.byte($1.kind == .explicit ? 1 : 0)
    }
    writer.byte(task.needsReview ? 1 : 0)
    writer.optional(task.githubIssue) { $0.count($1) }
    writer.optional(task.agent) { $0.text($1) }
    writer.optional(task.model) { $0.text($1) }
    writer.list(task.touches) { $0.text($1) }
    writer.list(task.verify) { $0.text($1) }
    writer.optional(task.timeout) { $0.unsigned(UInt64(max(0, $1.wholeMilliseconds))) }
    writer.optional(task.maxCost) { $0.unsigned(UInt64(max(0, $1.amount))) }
    writer.list(task.labels) { $0.text($1) }
    writer.optional(task.complexity) {
      $0.byte(UInt8(truncatingIfNeeded: TaskComplexity.allCases.firstIndex(of: $1) ?? 0))
    }
    writer.fixed(task.contentHash)
  }

  private static func write(_ id: TaskID, to writer: inout ByteWriter) {
    writer.text(id.module)
    writer.text(id.prefix)
    writer.count(id.number)
  }

  private static func write(_ range: PlanRange, to writer: inout ByteWriter) {
    for value in [range.line, range.column, range.endLine, range.endColumn] { writer.count(Int(value)) }
  }

  private static func write(_ place: SourceLocation, to writer: inout ByteWriter) {
    writer.text(place.file)
    for value in [place.line, place.column, place.endLine, place.endColumn] { writer.count(value) }
  }

  private static func write(_ diagnostic: Diagnostic, to writer: inout ByteWriter) {
    writer.byte(UInt8(truncatingIfNeeded: Diagnostic.Severity.allCases.firstIndex(of: diagnostic.severity) ?? 0))
    writer.text(diagnostic.code)
    writer.text(diagnostic.message)
    write(diagnostic.location, to: &writer)
    writer.list(diagnostic.notes) {
      $0.text($1.message)
      $0.optional($1.location) { write($1, to: &$0) }
    }
    writer.optional(diagnostic.fix) {
      $0.text($1.message)
      $0.optional($1.location) { write($1, to: &$0) }
      $0.optional($1.replacement) { $0.text($1) }
    }
  }
}
