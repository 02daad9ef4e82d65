import OrchFiles
import Testing

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// A directory of its own, removed at the end of its owner.
final class ScratchDirectory: Sendable {
  let path: String

  init() throws {
    var template = Array("/tmp/orch-files-XXXXXX".utf8CString)
    let made = template.withUnsafeMutableBufferPointer { buffer in
      buffer.baseAddress.flatMap { mkdtemp($0) }.map { String(cString: $0) }
    }
    path = try ResolvedPath(try #require(made)).text
  }

  deinit {
    do { try DirectoryTree.remove(path) } catch { Issue.record("\(error)") }
  }

  subscript(_ name: String) -> String { path + "/" + name }

  func write(_ name: String, _ text: String = "text\n", mode: UInt32 = 0o644) throws {
    if let slash = name.lastIndex(of: "/") { try DirectoryTree.make(self[String(name[..<slash])], mode: 0o755) }
    try AtomicFile.write(self[name], Array(text.utf8), mode: mode, overwriting: true)
  }

  func link(_ name: String, to target: String) { #expect(symlink(target, self[name]) == 0) }

  func text(_ name: String) throws -> String { String(decoding: try FileReader.read(self[name]), as: UTF8.self) }

  /// All names below, also those with a dot, to see that nothing was left behind.
  func names(_ name: String = "") -> [String] {
    guard let stream = opendir(name.isEmpty ? path : self[name]) else { return [] }
    defer { closedir(stream) }
    var names: [String] = []
    while let entry = readdir(stream) {
      names.append(
        withUnsafeBytes(of: &entry.pointee.d_name) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) })
    }
    return names.filter { $0 != "." && $0 != ".." }.sorted()
  }
}

/// The permission bits of a file.
func mode(_ path: String) -> UInt32 {
  var info = stat()
  return stat(path, &info) == 0 ? UInt32(info.st_mode) & 0o7777 : 0
}

/// A socket in the file system that nobody listens on.
func makeSocket(_ path: String) throws {
  #if canImport(Glibc)
    let number = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
  #else
    let number = socket(AF_UNIX, SOCK_STREAM, 0)
  #endif
  defer { close(number) }
  var address = sockaddr_un()
  address.sun_family = sa_family_t(AF_UNIX)
  let bytes = Array(path.utf8)
  try #require(bytes.count < 100)
  withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: bytes) }
  let result = withUnsafePointer(to: &address) { pointer in
    pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
      bind(number, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
    }
  }
  try #require(result == 0)
}
