import OrchDiagnostics
import OrchDomain

extension PlanUnit {
  /// Reads what ``encoded()`` wrote; nil for another version and for damaged or foreign bytes.
  package init?(encoded bytes: [UInt8]) {
    guard bytes.count > 9, bytes[0] == PlanUnit.encodingVersion else { return nil }
    let body = bytes.count - 8
    let unit: PlanUnit? = bytes.withUnsafeBufferPointer { buffer in
      var hash = ByteReader(UnsafeBufferPointer(rebasing: buffer[body...]))
      var reader = ByteReader(UnsafeBufferPointer(rebasing: buffer[1..<body]))
      do throws(ByteReadingError) {
        let expected = ContentHash.hash(
          UnsafeRawBufferPointer(rebasing: UnsafeRawBufferPointer(buffer)[..<body]), seed: 0)
        guard try hash.fixed() == expected else { return nil }
        let unit = try PlanUnit(from: &reader)
        return reader.isAtEnd ? unit : nil
      } catch {
        return nil
      }
    }
    guard let unit else { return nil }
    self = unit
  }

  private init(from reader: inout ByteReader) throws(ByteReadingError) {
    let path = try reader.text()
    guard let kind = Kind(rawValue: try reader.byte()) else { throw ByteReadingError() }
    self.init(path: path, kind: kind)
    module = try reader.optional { r throws(ByteReadingError) in try r.text() }
    task = try reader.optional(PlanUnit.task)
    idRange = try reader.optional(PlanUnit.range)
    dependencies = try reader.list { r throws(ByteReadingError) in
      DeclaredDependency(id: try PlanUnit.id(&r), range: try PlanUnit.range(&r))
    }
    touchRanges = try reader.list(PlanUnit.range)
    statusRange = try reader.optional(PlanUnit.range)
    let start = try reader.count()
    description = start..<(start + (try reader.count()))
    diagnostics = try reader.list(PlanUnit.diagnostic)
  }

  private static func task(_ reader: inout ByteReader) throws(ByteReadingError) -> PlanTask {
    var task = PlanTask(id: try id(&reader), title: try reader.text(), path: try reader.text())
    task.phase = try reader.optional { r throws(ByteReadingError) in try r.count() }
    task.status = try reader.choice(TaskStatus.allCases)
    task.priority = try reader.choice([.high, .normal, .low])
    task.dependencies = try reader.list { r throws(ByteReadingError) in
      Dependency(try id(&r), try r.flag() ? .explicit : .implicit)
    }
    task.needsReview = try reader.flag()
    task.githubIssue = try reader.optional { r throws(ByteReadingError) in try r.count(.max) }
    task.agent = try reader.optional { r throws(ByteReadingError) in try r.text() }
    task.model = try reader.optional { r throws(ByteReadingError) in try r.text() }
    task.touches = try reader.list { r throws(ByteReadingError) in try r.text() }
    task.verify = try reader.list { r throws(ByteReadingError) in try r.text() }
    task.timeout = try reader.optional { r throws(ByteReadingError) in .milliseconds(Int64(try r.count(.max))) }
    task.maxCost = try reader.optional { r throws(ByteReadingError) in MicroUSD(Int64(try r.count(.max))) }
    task.labels = try reader.list { r throws(ByteReadingError) in try r.text() }
    task.complexity = try reader.optional { r throws(ByteReadingError) in try r.choice(TaskComplexity.allCases) }
    task.contentHash = try reader.fixed()
    return task
  }

  private static func id(_ reader: inout ByteReader) throws(ByteReadingError) -> TaskID {
    let module = try reader.text()
    let prefix = try reader.text()
    guard TaskID.isModuleName(module), prefix.utf8.allSatisfy({ (65...90).contains($0) }) else {
      throw ByteReadingError()
    }
    return TaskID(module: module, prefix: prefix, number: try reader.count(999_999_999))
  }

  private static func range(_ reader: inout ByteReader) throws(ByteReadingError) -> PlanRange {
    let line = try reader.count()
    let column = try reader.count()
    let endLine = try reader.count()
    return PlanRange(line: line, column: column, endLine: endLine, endColumn: try reader.count())
  }

  private static func location(_ reader: inout ByteReader) throws(ByteReadingError) -> SourceLocation {
    let file = try reader.text()
    return try range(&reader).location(in: file)
  }

  private static func diagnostic(_ reader: inout ByteReader) throws(ByteReadingError) -> Diagnostic {
    let severity = try reader.choice(Diagnostic.Severity.allCases)
    let code = try reader.text()
    let message = try reader.text()
    let location = try location(&reader)
    let notes = try reader.list { r throws(ByteReadingError) in
      Diagnostic.Note(try r.text(), at: try r.optional(PlanUnit.location))
    }
    let fix = try reader.optional { r throws(ByteReadingError) in
      Diagnostic.Fix(
        try r.text(), replacing: try r.optional(PlanUnit.location),
        with: try r.optional { s throws(ByteReadingError) in try s.text() })
    }
    return Diagnostic(severity, code, at: location, message, notes: notes, fix: fix)
  }
}

extension ByteReader {
  fileprivate mutating func flag() throws(ByteReadingError) -> Bool {
    let value = try byte()
    guard value <= 1 else { throw ByteReadingError() }
    return value == 1
  }

  fileprivate mutating func choice<Value>(_ values: [Value]) throws(ByteReadingError) -> Value {
    let index = Int(try byte())
    guard values.indices.contains(index) else { throw ByteReadingError() }
    return values[index]
  }
}
