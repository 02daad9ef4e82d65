import Foundation
import OrchDomain
import OrchFiles
import OrchProcess
import Testing

@Suite("What a watchdog looks at", .timeLimit(.minutes(15)))
struct TreeTimeTests {
  @Test("The CPU time of a tree grows with what runs below it, and stays when that has ended")
  func time() async throws {
    let scratch = URL.temporaryDirectory.appending(path: "orch-time-\(UUID().uuidString)")
    defer { do { try FileManager.default.removeItem(at: scratch) } catch { Issue.record(error) } }
    try FileManager.default.createDirectory(at: scratch, withIntermediateDirectories: true)
    let process = Process()
    process.executableURL = URL(filePath: "/bin/sh")
    let flag = scratch.appending(path: "ended").path
    // A child of a child burns until it has counted; its parent lives on.
    process.arguments = [
      "-c", "sh -c 'i=0; while [ $i -lt 300000 ]; do i=$((i+1)); done'; touch \"$0\"; exec sleep 100", flag,
    ]
    process.standardOutput = FileHandle.nullDevice
    try process.run()
    defer { process.terminate() }
    let pid = process.processIdentifier
    let identity = ProcessIdentity(pid: pid, start: try #require(ProcessIdentity.startTime(of: pid)))
    while !FileManager.default.fileExists(atPath: flag) { try await Task.sleep(for: .milliseconds(20)) }
    let time = try #require(identity.treeTime)
    #expect(time >= .milliseconds(20), "\(time)")
    #expect(ProcessIdentity(pid: pid, start: identity.start + 1).treeTime == nil, "another process of that number")
  }

  @Test("A digest of files differs when one is made, changed or removed, and not for what git keeps")
  func digest() throws {
    let scratch = URL.temporaryDirectory.appending(path: "orch-digest-\(UUID().uuidString)")
    defer { do { try FileManager.default.removeItem(at: scratch) } catch { Issue.record(error) } }
    for folder in [".git", "a/b"] {
      try FileManager.default.createDirectory(
        at: scratch.appending(path: folder), withIntermediateDirectories: true)
    }
    func write(_ name: String, _ text: String) throws {
      try Data(text.utf8).write(to: scratch.appending(path: name))
    }
    var digests = [try #require(TreeDigest.of(scratch.path))]
    try write("a/b/one", "1")
    digests.append(try #require(TreeDigest.of(scratch.path)))
    try write("a/b/one", "longer")
    digests.append(try #require(TreeDigest.of(scratch.path)))
    try FileManager.default.removeItem(at: scratch.appending(path: "a/b/one"))
    digests.append(try #require(TreeDigest.of(scratch.path)))
    #expect(Set(digests).count == 4, "\(digests)")
    try write(".git/index", "x")
    #expect(TreeDigest.of(scratch.path) == digests.last)
    #expect(TreeDigest.of(scratch.path + "/nowhere") == nil)
  }
}
