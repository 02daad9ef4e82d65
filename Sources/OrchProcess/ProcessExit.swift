/// How a program ended.
package enum ProcessExit: Hashable, Sendable {
  case code(Int32)
  case signal(Int32)

  /// Whether it ended by itself with status 0.
  package var isSuccess: Bool { self == .code(0) }
}

extension ProcessExit: CustomStringConvertible {
  package var description: String {
    switch self {
    case .code(let code): "exit status \(code)"
    case .signal(let number): "signal \(number)"
    }
  }
}
