import OrchDomain

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

extension Supervisor {
  /// What the files and the process table say now. Changes nothing.
  package func state(in runDirectory: String) -> RunState {
    if let ended = Self.ended(in: runDirectory) { return ended }
    let text: String?
    do throws(ProcessError) {
      text = try RunFiles.read(RunFiles.pid(in: runDirectory))
    } catch {
      return .lost(.unreadable(record: "pid", detail: error.description))
    }
    guard let text else { return .notStarted }
    guard let run = SupervisedRun(record: text, runDirectory: runDirectory) else {
      return .lost(.unreadable(record: "pid", detail: "it is not complete"))
    }
    if run.bootID == ProcessIdentity.bootID && run.shim.isAlive { return .running(run) }
    // It may have written the record and ended between the first look and the second.
    return Self.ended(in: runDirectory) ?? .lost(run.bootID == ProcessIdentity.bootID ? .supervisorDied : .rebooted)
  }

  private static func ended(in runDirectory: String) -> RunState? {
    do throws(ProcessError) {
      guard let text = try RunFiles.read(RunFiles.exit(in: runDirectory)) else { return nil }
      guard let record = ExitRecord(record: text) else {
        return .lost(.unreadable(record: "exit", detail: "it is not complete"))
      }
      return .ended(record)
    } catch {
      return .lost(.unreadable(record: "exit", detail: error.description))
    }
  }

  /// Returns when the run has ended, by whatever way; earlier, with `.running`, when the task is cancelled.
  package func wait(for run: SupervisedRun) async -> RunState { await wait(for: run, until: nil) }

  func wait(for run: SupervisedRun, until deadline: ContinuousClock.Instant?) async -> RunState {
    let loop: EventLoop
    do throws(ProcessError) {
      loop = try EventLoop.shared()
    } catch {
      return state(in: run.runDirectory)
    }
    var patience = Duration.milliseconds(2)
    // The descriptor pins the process, so what is looked at after opening it is what it will tell about.
    let shim = Descriptor(ExitNotice.descriptor(of: run.shim.pid))
    while true {
      let state = state(in: run.runDirectory)
      guard case .running = state, !Task.isCancelled else {
        if case .ended = state, shim.isOpen, run.shim.isAlive {
          // Its record is there an instant before it is gone itself.
          _ = await loop.wait(
            for: [EventLoop.Interest(descriptor: shim.raw)], until: ContinuousClock.now.advanced(by: Self.stopMargin))
        }
        return state
      }
      if let deadline, ContinuousClock.now >= deadline { return state }
      var until = deadline
      if !shim.isOpen {
        let next = ContinuousClock.now.advanced(by: patience)
        until = deadline.map { min($0, next) } ?? next
        patience = min(patience * 2, .milliseconds(500))
      }
      let wake = await loop.wait(for: [EventLoop.Interest(descriptor: shim.raw)], until: until)
      if wake == .cancelled { return self.state(in: run.runDirectory) }
    }
  }
}
