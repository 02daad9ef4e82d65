import OrchEngine
import Synchronization

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// A file that also gets everything that is printed, for runs that nobody watches.
enum PrintedCopy {
  private static let descriptor = Mutex<Int32>(-1)

  static var isActive: Bool { descriptor.withLock { $0 >= 0 } }

  /// Begins a new file. A name that is taken gets a number.
  ///
  /// - Returns: The path of the file.
  static func begin(_ stem: String) throws -> String {
    var number = 1
    while true {
      let path = stem + (number == 1 ? "" : "-\(number)") + ".log"
      let file = open(path, O_WRONLY | O_CREAT | O_EXCL | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0o600)
      if file >= 0 {
        descriptor.withLock { $0 = file }
        return path
      }
      let code = errno
      guard code == EEXIST, number < 1000 else {
        throw EngineError.invalid("cannot write the log \(path): \(String(cString: strerror(code)))")
      }
      number += 1
    }
  }

  /// A log that cannot be written any more must not end the run that it is about.
  static func append(_ text: String) {
    descriptor.withLock { descriptor in
      guard descriptor >= 0 else { return }
      var bytes = Array(text.utf8)[...]
      while !bytes.isEmpty {
        let written = bytes.withUnsafeBytes { unsafe in
          #if canImport(Glibc)
            Glibc.write(descriptor, unsafe.baseAddress, unsafe.count)
          #else
            Darwin.write(descriptor, unsafe.baseAddress, unsafe.count)
          #endif
        }
        if written > 0 { bytes = bytes.dropFirst(written) } else if errno != EINTR { return }
      }
    }
  }
}
