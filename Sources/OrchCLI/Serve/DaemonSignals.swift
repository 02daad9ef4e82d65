import Dispatch

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// TERM, INT and HUP end the daemon at once, USR1 when what runs is done.
final class DaemonSignals {
  private let sources: [any DispatchSourceSignal]

  init(_ body: @escaping @Sendable (DaemonStop) -> Void) {
    sources = [(SIGTERM, DaemonStop.leave), (SIGINT, .leave), (SIGHUP, .leave), (SIGUSR1, .drain)].map { number, mode in
      signal(number, SIG_IGN)
      let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
      source.setEventHandler { body(mode) }
      return source
    }
  }

  func start() { for source in sources { source.resume() } }
  func end() { for source in sources { source.cancel() } }
}
