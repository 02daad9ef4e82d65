import Dispatch
import OrchEngine

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// Turns Ctrl-C, TERM and HUP into presses of the stop switch.
final class SignalWatch {
  private let sources: [any DispatchSourceSignal]

  init(stop: StopSwitch, printer: RunPrinter) {
    sources = [SIGINT, SIGTERM, SIGHUP].map { number in
      signal(number, SIG_IGN)
      let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
      source.setEventHandler {
        Task {
          switch await stop.press() {
          case .drain:
            printer.note("Finishing what runs; nothing more is started. Press Ctrl-C again to stop the agents.")
          case .stop: printer.note("Stopping the agents; `claude-orch start` goes on where they were.")
          case .none: break
          }
        }
      }
      return source
    }
  }

  func start() { for source in sources { source.resume() } }
  func end() { for source in sources { source.cancel() } }
}
