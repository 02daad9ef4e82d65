import Testing

@testable import OrchFiles

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

@Suite("Reading files")
struct FileReaderTests {
  private let scratch: ScratchDirectory

  init() throws { scratch = try ScratchDirectory() }

  @Test("A file is read whole, up to the limit and not beyond", arguments: [0, 1, 999, 1000, 1001])
  func limit(size: Int) throws {
    let bytes = (0..<size).map { UInt8(truncatingIfNeeded: $0) }
    try AtomicFile.write(scratch["f"], bytes)
    if size <= 1000 {
      #expect(try FileReader.read(scratch["f"], limit: 1000) == bytes)
    } else {
      #expect(throws: FileError.tooLarge(path: scratch["f"], limit: 1000)) {
        try FileReader.read(scratch["f"], limit: 1000)
      }
    }
  }

  @Test("What is no regular file is refused without a wait")
  func notRegular() throws {
    #expect(mkfifo(scratch["pipe"], 0o600) == 0)
    try makeSocket(scratch["socket"])
    try scratch.write("file")
    scratch.link("link", to: "file")
    #expect(throws: FileError.notRegular(path: scratch["pipe"], kind: .fifo)) { try FileReader.read(scratch["pipe"]) }
    #expect(throws: FileError.notRegular(path: scratch["socket"], kind: .socket)) {
      try FileReader.read(scratch["socket"])
    }
    #expect(throws: FileError.notRegular(path: scratch.path, kind: .directory)) { try FileReader.read(scratch.path) }
    #expect(throws: FileError.notRegular(path: "/dev/null", kind: .device)) { try FileReader.read("/dev/null") }
    #expect(try scratch.text("link") == "text\n")
    #expect(throws: FileError.notRegular(path: scratch["link"], kind: .link)) {
      try FileReader.read(scratch["link"], followingLinks: false)
    }
  }

  @Test("A missing file is told from other failures")
  func missing() {
    let error = #expect(throws: FileError.self) { try FileReader.read(scratch["none"]) }
    #expect(error?.isMissing == true)
    #expect(error?.description.contains("No such file") == true)
    #expect(throws: FileError.badPath(path: "a\0b")) { try FileReader.read("a\0b") }
  }

  @Test(
    "A file whose size the system does not know is read to its end",
    .enabled(if: access("/proc/self/status", R_OK) == 0))
  func unknownSize() throws {
    #expect(try FileReader.read("/proc/self/status").count > 100)
    #expect(throws: FileError.tooLarge(path: "/proc/self/status", limit: 10)) {
      try FileReader.read("/proc/self/status", limit: 10)
    }
  }

  @Test("Many files are read by any number of threads, in the order of their paths", arguments: [0, 1, 2, 7, 300])
  func readAll(width: Int) throws {
    for i in 0..<100 where i % 10 != 3 { try scratch.write("f\(i)", "content \(i)") }
    let results = FileReader.readAll((0..<100).map { scratch["f\($0)"] }, width: width) { index, result in
      switch result {
      case .success(let bytes): "\(index) " + String(decoding: bytes, as: UTF8.self)
      case .failure(let error): "\(index) missing \(error.isMissing)"
      }
    }
    #expect(results == (0..<100).map { $0 % 10 == 3 ? "\($0) missing true" : "\($0) content \($0)" })
    #expect(FileReader.readAll([], width: width) { index, _ in index } == [])
  }
}
