import Foundation

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

extension FileHandle {
  /// All that comes until the other end is closed. Foundation's own reading traps when a signal interrupts it.
  func everything() -> Data {
    var all = Data()
    while true {
      let part = nextPart()
      if part.isEmpty { return all }
      all += part
    }
  }

  /// What there is, waiting for the first byte; empty at the end.
  func nextPart() -> Data {
    var buffer = [UInt8](repeating: 0, count: 65_536)
    while true {
      let count = readBytes(fileDescriptor, &buffer, buffer.count)
      if count >= 0 { return Data(buffer[..<count]) }
      if errno != EINTR { return Data() }
    }
  }
}

/// `read(2)`, which the methods of a handle hide.
private func readBytes(_ descriptor: Int32, _ buffer: UnsafeMutableRawPointer, _ count: Int) -> Int {
  read(descriptor, buffer, count)
}
