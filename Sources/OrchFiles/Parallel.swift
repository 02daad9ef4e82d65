import Synchronization

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// Plain threads for work that blocks in the file system, which the pool of Swift's tasks should not do for long.
package enum Parallel {
  /// `body` of every index below `count`, in order of the index.
  ///
  /// - Parameter width: The greatest number of threads, the caller's included; fewer when the system has no more.
  package static func map<Value: Sendable>(
    count: Int, width: Int, _ body: @escaping @Sendable (Int) -> Value
  ) -> [Value] {
    guard count > 0 else { return [] }
    let results = ResultBox<Value>()
    let job = ParallelJob(count: count) { range in
      let part = range.map(body)
      results.parts.withLock { $0.append((range.lowerBound, part)) }
    }
    let threads = (1..<max(1, min(width, count, 256))).compactMap { _ in start(job) }
    job.run()
    for thread in threads { pthread_join(thread, nil) }
    var values: [Value] = []
    values.reserveCapacity(count)
    results.parts.withLock { parts in
      parts.sort { $0.start < $1.start }
      for part in parts { values += part.values }
    }
    return values
  }

  private static func start(_ job: ParallelJob) -> pthread_t? {
    var attributes = pthread_attr_t()
    guard pthread_attr_init(&attributes) == 0 else { return nil }
    defer { pthread_attr_destroy(&attributes) }
    // macOS gives only 512 KB by default, and parsers run here.
    pthread_attr_setstacksize(&attributes, 4 << 20)
    let argument = Unmanaged.passRetained(job)
    #if canImport(Glibc)
      var thread = pthread_t()
    #else
      var thread: pthread_t?
    #endif
    let code = pthread_create(&thread, &attributes, { Parallel.main($0) }, argument.toOpaque())
    guard code == 0 else {
      argument.release()
      return nil
    }
    return thread
  }

  private static func main(_ argument: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
    guard let argument else { return nil }
    Unmanaged<ParallelJob>.fromOpaque(argument).takeRetainedValue().run()
    return nil
  }
}

/// Indices that threads take a few at a time.
private final class ParallelJob: Sendable {
  private let count: Int
  private let step: Int
  private let next = Atomic<Int>(0)
  private let body: @Sendable (Range<Int>) -> Void

  init(count: Int, body: @escaping @Sendable (Range<Int>) -> Void) {
    self.count = count
    step = max(1, min(32, count / 64))
    self.body = body
  }

  func run() {
    while true {
      let start = next.add(step, ordering: .relaxed).oldValue
      guard start < count else { return }
      body(start..<min(start + step, count))
    }
  }
}

/// What threads have made so far, in parts as they took them.
private final class ResultBox<Value: Sendable>: Sendable {
  let parts = Mutex<[(start: Int, values: [Value])]>([])
}
