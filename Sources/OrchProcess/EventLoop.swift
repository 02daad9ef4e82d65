import CPosix
import Synchronization

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// The one thread on which this process waits for pipes and for the ends of other processes.
///
/// However many agents run, nobody else blocks: a task that waits holds no thread.
final class EventLoop: Sendable {
  /// A descriptor and what is waited for. A negative one is never ready.
  struct Interest: Sendable {
    var descriptor: Int32
    var writes = false
  }

  enum Wake: Sendable { case ready, timedOut, cancelled }

  private struct Waiter: Sendable {
    var interests: [Interest]
    var deadline: ContinuousClock.Instant?
    var resume: @Sendable (Wake) -> Void
  }

  private struct State {
    var waiters: [UInt64: Waiter] = [:]
    /// Cancelled before they began to wait.
    var cancelled: Set<UInt64> = []
    var lastID: UInt64 = 0
  }

  private let state = Mutex(State())
  private let wakeReader: Int32
  private let wakeWriter: Int32
  private static let running = Mutex<EventLoop?>(nil)

  /// The loop of this process, started at its first use.
  static func shared() throws(ProcessError) -> EventLoop {
    let result: Result<EventLoop, ProcessError> = running.withLock { running in
      if let running { return .success(running) }
      do throws(ProcessError) {
        let loop = try EventLoop()
        running = loop
        return .success(loop)
      } catch {
        return .failure(error)
      }
    }
    return try result.get()
  }

  private init() throws(ProcessError) {
    var pair = try Descriptor.pipe()
    try pair.first.setNonblocking()
    try pair.second.setNonblocking()
    wakeReader = pair.first.release()
    wakeWriter = pair.second.release()
    let reference = Unmanaged.passRetained(self)
    let code = cposix_start_thread(
      { raw in raw.map { Unmanaged<EventLoop>.fromOpaque($0).takeRetainedValue().run() } }, reference.toOpaque())
    guard code == 0 else {
      reference.release()
      throw .systemCall(operation: "starting a thread", path: nil, errno: -code)
    }
  }

  /// Waits until one of the descriptors is ready. They have to stay open until this returns.
  func wait(
    for interests: [Interest], until deadline: ContinuousClock.Instant? = nil, cancellable: Bool = true
  ) async -> Wake {
    let id = newID()
    guard cancellable else {
      return await withCheckedContinuation { continuation in
        add(id, Waiter(interests: interests, deadline: deadline) { continuation.resume(returning: $0) })
      }
    }
    let wake = await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        add(id, Waiter(interests: interests, deadline: deadline) { continuation.resume(returning: $0) })
      }
    } onCancel: {
      cancel(id)
    }
    state.withLock { _ = $0.cancelled.remove(id) }
    return wake
  }

  /// Runs `action` once on the thread of the loop; it must be quick.
  func whenReady(
    _ interests: [Interest], until deadline: ContinuousClock.Instant?, _ action: @escaping @Sendable () -> Void
  ) {
    add(newID(), Waiter(interests: interests, deadline: deadline) { _ in action() })
  }

  private func newID() -> UInt64 {
    state.withLock {
      $0.lastID += 1
      return $0.lastID
    }
  }

  private func add(_ id: UInt64, _ waiter: Waiter) {
    let isCancelled = state.withLock { state in
      if state.cancelled.remove(id) != nil { return true }
      state.waiters[id] = waiter
      return false
    }
    if isCancelled { waiter.resume(.cancelled) } else { wakeUp() }
  }

  private func cancel(_ id: UInt64) {
    let waiter = state.withLock { state in
      let waiter = state.waiters.removeValue(forKey: id)
      if waiter == nil { state.cancelled.insert(id) }
      return waiter
    }
    waiter?.resume(.cancelled)
  }

  /// A full pipe is as good as a written one: either way the thread will look.
  private func wakeUp() {
    var word: UInt8 = 0
    _ = cposix_write(wakeWriter, &word, 1)
  }

  private func run() {
    while true {
      let waiting = state.withLock { $0.waiters }
      var polled = [pollfd(fd: wakeReader, events: Int16(POLLIN), revents: 0)]
      var owners: [UInt64] = [0]
      for (id, waiter) in waiting {
        for interest in waiter.interests {
          polled.append(
            pollfd(fd: interest.descriptor, events: Int16(interest.writes ? POLLOUT : POLLIN), revents: 0))
          owners.append(id)
        }
      }
      let count = poll(&polled, nfds_t(polled.count), Self.timeout(waiting.values.compactMap(\.deadline).min()))
      // Only a lack of memory gets here; a busy loop would not help.
      if count < 0 && errno != EINTR { _ = poll(nil, 0, 10) }
      if count > 0 && polled[0].revents != 0 { emptyWakePipe() }
      var fired = Set<UInt64>()
      if count > 0 { for index in 1..<polled.count where polled[index].revents != 0 { fired.insert(owners[index]) } }
      resume(fired, waiting)
    }
  }

  private func resume(_ fired: Set<UInt64>, _ waiting: [UInt64: Waiter]) {
    let now = ContinuousClock.now
    for (id, waiter) in waiting {
      let isLate = waiter.deadline.map { $0 <= now } ?? false
      guard fired.contains(id) || isLate else { continue }
      // Whoever takes it out of the table resumes it, so it is resumed once.
      guard state.withLock({ $0.waiters.removeValue(forKey: id) }) != nil else { continue }
      waiter.resume(fired.contains(id) ? .ready : .timedOut)
    }
  }

  private func emptyWakePipe() {
    var words = [UInt8](repeating: 0, count: 256)
    while read(wakeReader, &words, words.count) == words.count { continue }
  }

  /// Milliseconds for `poll`, rounded up so that a deadline has passed when it returns; -1 for no deadline.
  private static func timeout(_ deadline: ContinuousClock.Instant?) -> Int32 {
    guard let deadline else { return -1 }
    let left = ContinuousClock.now.duration(to: deadline)
    guard left > .zero else { return 0 }
    return left >= .seconds(3600) ? 3_600_000 : Int32(left / .milliseconds(1)) + 1
  }
}
