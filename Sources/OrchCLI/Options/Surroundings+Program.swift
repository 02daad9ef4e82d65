#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
  import MachO
#endif

extension Surroundings {
  /// The file of the running program; nil when the system does not tell.
  static var programPath: String? {
    #if canImport(Glibc)
      var buffer = [CChar](repeating: 0, count: 8192)
      let count = readlink("/proc/self/exe", &buffer, buffer.count - 1)
      guard count > 0 else { return nil }
      return String(decoding: buffer.prefix(count).map(UInt8.init(bitPattern:)), as: UTF8.self)
    #else
      var size: UInt32 = 0
      _ = _NSGetExecutablePath(nil, &size)
      var buffer = [CChar](repeating: 0, count: Int(size) + 1)
      guard _NSGetExecutablePath(&buffer, &size) == 0 else { return nil }
      return String(decoding: buffer.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
    #endif
  }
}
