import OrchDomain
import Testing

@testable import OrchFiles

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

@Suite("Replacing and writing files")
struct AtomicFileTests {
  private let scratch: ScratchDirectory
  private let old = Array("old\n".utf8)
  private let new = Array("new text\n".utf8)

  init() throws { scratch = try ScratchDirectory() }

  @Test("The content changes, mode and owner stay, nothing is left behind", arguments: [0o644, 0o600, 0o755, 0o664])
  func replace(bits: UInt32) throws {
    try scratch.write("f", "old\n", mode: bits)
    if geteuid() == 0 { #expect(chown(scratch["f"], 12345, 54321) == 0 && chmod(scratch["f"], mode_t(bits)) == 0) }
    var before = stat()
    #expect(stat(scratch["f"], &before) == 0)
    try AtomicFile.replace(scratch["f"], expecting: old, with: new)
    var after = stat()
    #expect(stat(scratch["f"], &after) == 0)
    #expect(try FileReader.read(scratch["f"]) == new)
    #expect(after.st_mode == before.st_mode && after.st_uid == before.st_uid && after.st_gid == before.st_gid)
    #expect(scratch.names() == ["f"])
  }

  @Test("A file that differs from what is expected is left alone", arguments: ["other", "", "old\n and more", "ol"])
  func changed(content: String) throws {
    try scratch.write("f", content)
    #expect(throws: FileError.changed(path: scratch["f"])) {
      try AtomicFile.replace(scratch["f"], expecting: old, with: new)
    }
    #expect(try scratch.text("f") == content)
    #expect(scratch.names() == ["f"])
    try AtomicFile.replace(scratch["f"], expecting: nil, with: new)
    #expect(try FileReader.read(scratch["f"]) == new)
  }

  @Test("A file that changes while the new one is written keeps the change", arguments: [false, true])
  func changedMeanwhile(isReplaced: Bool) throws {
    try scratch.write("f", "old\n")
    let path = scratch["f"]
    #expect(throws: FileError.changed(path: path)) {
      try AtomicFile.replace(path, expecting: old, with: new, within: nil) {
        if isReplaced { unlink(path) }
        let number = open(path, O_WRONLY | O_CREAT | O_APPEND, 0o644)
        if !isReplaced { #expect(pwrite(number, "x", 1, 0) == 1) }
        close(number)
      }
    }
    #expect(try scratch.text("f") == (isReplaced ? "" : "old\nx"))
    #expect(scratch.names() == ["f"])
  }

  @Test("A read-only file is respected, also by root", arguments: [0o444, 0o400, 0o555])
  func readOnly(bits: UInt32) throws {
    try scratch.write("f", "old\n", mode: bits)
    #expect(throws: FileError.readOnly(path: scratch["f"])) {
      try AtomicFile.replace(scratch["f"], expecting: old, with: new)
    }
    #expect(try scratch.text("f") == "old\n")
    #expect(mode(scratch["f"]) == bits)
    #expect(scratch.names() == ["f"])
  }

  @Test("A link is followed inside the allowed directory only, and stays a link")
  func links() throws {
    let outside = try ScratchDirectory()
    try outside.write("f", "old\n")
    try scratch.write("real/f", "old\n")
    scratch.link("in", to: "real/f")
    scratch.link("out", to: outside["f"])
    scratch.link("dir", to: outside.path)
    #expect(throws: FileError.notRegular(path: scratch["in"], kind: .link)) {
      try AtomicFile.replace(scratch["in"], expecting: old, with: new)
    }
    for path in [scratch["out"], scratch["dir/f"]] {
      #expect(throws: FileError.outside(path: path, root: scratch.path)) {
        try AtomicFile.replace(path, expecting: old, with: new, within: scratch.path)
      }
    }
    #expect(try outside.text("f") == "old\n")
    try AtomicFile.replace(scratch["in"], expecting: old, with: new, within: scratch.path)
    #expect(try scratch.text("real/f") == "new text\n")
    var info = stat()
    #expect(lstat(scratch["in"], &info) == 0 && info.st_mode & S_IFMT == S_IFLNK)
    #expect(scratch.names("real") == ["f"])
  }

  @Test("What is missing or no file is refused")
  func refused() throws {
    #expect(mkfifo(scratch["pipe"], 0o600) == 0)
    for expecting in [old, nil] {
      #expect(throws: FileError.notRegular(path: scratch["pipe"], kind: .fifo)) {
        try AtomicFile.replace(scratch["pipe"], expecting: expecting, with: new)
      }
      let error = #expect(throws: FileError.self) {
        try AtomicFile.replace(scratch["none"], expecting: expecting, with: new)
      }
      #expect(error?.isMissing == true)
    }
    #expect(scratch.names() == ["pipe"])
  }

  @Test("Readers see whole contents only, and of several writers each either wins or is told", .timeLimit(.minutes(15)))
  func contention() throws {
    let contents = (0..<8).map { n in [UInt8](repeating: UInt8(ascii: "a") + UInt8(n), count: 20_000 + n) }
    try AtomicFile.write(scratch["f"], contents[0])
    let path = scratch["f"]
    let outcomes = Parallel.map(count: 64, width: 4) { index -> String in
      do throws(FileError) {
        let seen = try FileReader.read(path)
        guard contents.contains(seen) else { return "torn" }
        try AtomicFile.replace(path, expecting: seen, with: contents[index % 8])
        return "written"
      } catch {
        if case .changed = error { return "changed" }
        return "\(error)"
      }
    }
    #expect(Set(outcomes).isSubset(of: ["written", "changed"]))
    #expect(contents.contains(try FileReader.read(path)))
    #expect(scratch.names() == ["f"])
  }

  @Test("A new file has its mode and replaces nothing unless told")
  func write() throws {
    try AtomicFile.write(scratch["f"], old, mode: 0o666)
    #expect(mode(scratch["f"]) == 0o666)
    #expect(throws: FileError.alreadyExists(path: scratch["f"])) { try AtomicFile.write(scratch["f"], new) }
    #expect(try FileReader.read(scratch["f"]) == old)
    try AtomicFile.write(scratch["f"], new, mode: 0o600, overwriting: true)
    #expect(try FileReader.read(scratch["f"]) == new)
    #expect(mode(scratch["f"]) == 0o600)
    #expect(throws: FileError.self) { try AtomicFile.write(scratch["no/such"], new) }
    #expect(throws: FileError.badPath(path: scratch["a\0b"])) { try AtomicFile.write(scratch["a\0b"], new) }
    #expect(scratch.names() == ["f"])
    let long = String(repeating: "é", count: 127)
    try AtomicFile.write(scratch[long], old)
    #expect(try scratch.text(long) == "old\n")
  }
}
