import OrchDomain

/// Names the content of a compiled task in 64 bits, so that an unchanged task is recognised without reading its row.
///
/// The status is left out: it has its own column. FNV-1a; every part carries its length, so that no two lists of parts
/// give the same bytes. A collision would miss one edit in 2^64.
struct TaskDigest {
  private var hash: UInt64 = 0xcbf2_9ce4_8422_2325

  /// Changes when the parts below change, so that rows written by an older program are compared again.
  private static let version: UInt8 = 1

  static func of(_ compiled: CompiledTask) -> Int64 {
    var digest = TaskDigest()
    let task = compiled.task
    digest.add(byte: version)
    digest.add(task.title)
    digest.add(task.path)
    digest.add(task.phase.map { Int64($0) })
    digest.add(byte: UInt8(task.priority.rank))
    digest.add(byte: (compiled.isSound ? 1 : 0) | (task.needsReview ? 2 : 0))
    digest.add(task.githubIssue.map { Int64($0) })
    digest.add(task.agent)
    digest.add(task.model)
    digest.add(task.touches)
    digest.add(task.verify)
    digest.add(task.labels)
    digest.add(task.timeout?.wholeMilliseconds)
    digest.add(task.maxCost?.amount)
    digest.add(task.complexity?.rawValue)
    digest.add(task.contentHash)
    digest.add(UInt64(task.dependencies.count))
    for dependency in task.dependencies {
      digest.add(dependency.id.module)
      digest.add(dependency.id.prefix)
      digest.add(UInt64(dependency.id.number))
      digest.add(byte: dependency.kind == .implicit ? 0 : 1)
    }
    return Int64(bitPattern: digest.hash)
  }

  private mutating func add(byte: UInt8) { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }

  private mutating func add(_ value: UInt64) {
    for shift in stride(from: UInt64(0), to: 64, by: 8) { add(byte: UInt8(truncatingIfNeeded: value >> shift)) }
  }

  private mutating func add(_ value: Int64?) {
    add(byte: value == nil ? 0 : 1)
    if let value { add(UInt64(bitPattern: value)) }
  }

  private mutating func add(_ text: String) {
    add(UInt64(text.utf8.count))
    // Where the bytes are, which is several times faster than one by one through the string.
    let isDone: Void? = text.utf8.withContiguousStorageIfAvailable { for byte in $0 { add(byte: byte) } }
    if isDone == nil { for byte in text.utf8 { add(byte: byte) } }
  }

  private mutating func add(_ text: String?) {
    add(byte: text == nil ? 0 : 1)
    if let text { add(text) }
  }

  private mutating func add(_ texts: [String]) {
    add(UInt64(texts.count))
    for text in texts { add(text) }
  }
}
