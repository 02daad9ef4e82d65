import Testing

@testable import OrchFiles

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

@Suite("Making and removing directories")
struct DirectoryTreeTests {
  private let scratch: ScratchDirectory

  init() throws { scratch = try ScratchDirectory() }

  @Test("Missing directories are made with the mode, others stay as they are")
  func make() throws {
    #expect(mkdir(scratch["a"], 0o755) == 0)
    let before = mode(scratch["a"])
    try DirectoryTree.make(scratch["a/b//c/"])
    #expect(mode(scratch["a"]) == before)
    #expect(mode(scratch["a/b"]) == 0o700 && mode(scratch["a/b/c"]) == 0o700)
    try DirectoryTree.make(scratch["a/b/c"])
    try scratch.write("file")
    #expect(throws: FileError.notDirectory(path: scratch["file"], kind: .regular)) {
      try DirectoryTree.make(scratch["file/x"])
    }
    scratch.link("gone", to: "nowhere")
    #expect(throws: FileError.self) { try DirectoryTree.make(scratch["gone/x"]) }
  }

  @Test("A tree is removed, what its links point at is not")
  func remove() throws {
    let outside = try ScratchDirectory()
    try outside.write("d/keep")
    try scratch.write("t/a/b/f")
    try scratch.write("t/a/locked/f", mode: 0o400)
    scratch.link("t/a/link", to: outside["d"])
    scratch.link("t/file-link", to: outside["d/keep"])
    #expect(mkfifo(scratch["t/pipe"], 0) == 0)
    try makeSocket(scratch["t/socket"])
    #expect(chmod(scratch["t/a/locked"], 0o500) == 0)
    try DirectoryTree.remove(scratch["t"])
    #expect(scratch.names() == [])
    #expect(try outside.text("d/keep") == "text\n")
    try DirectoryTree.remove(scratch["t"])
    scratch.link("top", to: outside["d"])
    try DirectoryTree.remove(scratch["top"])
    #expect(outside.names("d") == ["keep"])
    #expect(scratch.names() == [])
  }

  @Test("A tree of a thousand levels is removed with few descriptors", .timeLimit(.minutes(15)))
  func deep() throws {
    var base = Int32(open(scratch.path, O_RDONLY | O_DIRECTORY | O_CLOEXEC))
    for level in 0..<1000 {
      #expect(mkdirat(base, level == 0 ? "top" : "d", 0o700) == 0)
      let next = openat(base, level == 0 ? "top" : "d", O_RDONLY | O_DIRECTORY | O_CLOEXEC)
      close(base)
      base = next
    }
    close(openat(base, "leaf", O_CREAT | O_WRONLY | O_CLOEXEC, 0o600))
    close(base)
    try DirectoryTree.remove(scratch["top"])
    #expect(scratch.names() == [])
  }

  @Test("Entries whose names are not UTF-8 are removed too")
  func names() throws {
    try scratch.write("t/f")
    for suffix in [[0xFF], [0xC3]] as [[UInt8]] {
      let name = (Array(scratch["t/n"].utf8) + suffix).map { CChar(bitPattern: $0) } + [0]
      _ = mkdir(name, 0o700)
      let file = (Array(scratch["t/f"].utf8) + suffix).map { CChar(bitPattern: $0) } + [0]
      close(open(file, O_CREAT | O_WRONLY | O_CLOEXEC, 0o600))
    }
    try DirectoryTree.remove(scratch["t"])
    #expect(scratch.names() == [])
  }
}
