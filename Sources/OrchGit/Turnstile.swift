import Synchronization

/// Lets one operation at a time into a repository, in the order of asking.
///
/// An actor alone would not: it takes the next call at every `await`, and a git command is one. The turnstile is shared
/// by everybody in this process who opened the same repository.
final class Turnstile: Sendable {
  private struct State {
    var isTaken = false
    var waiting: [CheckedContinuation<Void, Never>] = []
    var next = 0
  }
  private final class Weak: Sendable {
    // Written once; the reference itself is zeroed by the runtime, which synchronises it.
    let value: Mutex<WeakReference>
    init(_ turnstile: Turnstile) { value = Mutex(WeakReference(value: turnstile)) }
  }
  private struct WeakReference { weak var value: Turnstile? }

  private static let all = Mutex<[String: Weak]>([:])
  private let state = Mutex(State())

  private init() {}

  /// The turnstile of the repository with that common directory.
  static func of(_ commonDirectory: String) -> Turnstile {
    all.withLock { table in
      if let known = table[commonDirectory]?.value.withLock({ $0.value }) { return known }
      table = table.filter { $0.value.value.withLock { $0.value } != nil }
      let new = Turnstile()
      table[commonDirectory] = Weak(new)
      return new
    }
  }

  func enter() async {
    await withCheckedContinuation { (continuation: CheckedContinuation<Void, Never>) in
      let free = state.withLock { state in
        if state.isTaken {
          state.waiting.append(continuation)
          return false
        }
        state.isTaken = true
        return true
      }
      if free { continuation.resume() }
    }
  }

  func leave() {
    let next = state.withLock { state -> CheckedContinuation<Void, Never>? in
      guard state.next < state.waiting.count else {
        state.isTaken = false
        state.waiting = []
        state.next = 0
        return nil
      }
      state.next += 1
      return state.waiting[state.next - 1]
    }
    next?.resume()
  }
}
