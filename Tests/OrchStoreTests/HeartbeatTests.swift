import OrchDomain
import OrchStore
import Testing

@Suite("Signs of life")
struct HeartbeatTests {
  @Test("A process that dies is told of by the next one, a pause by itself, and a good end by nobody")
  func gaps() throws {
    let scratch = try Scratch()
    let (store, project) = try scratch.project()
    let types: [EventType] = [.heartbeatLost, .heartbeatGap]
    let told = { try store.read(project) { tx throws in try tx.events(of: types) } }
    let first = try store.write(project) { try $0.beginHeartbeat("start", at: .t(0000)) }
    for second in [30, 60, 200] as [Int64] { try store.write(project) { try $0.beat(first, at: .t(second * 1000)) } }
    #expect(try told().isEmpty, "140 seconds are no gap")
    try store.write(project) { try $0.beat(first, at: .t(400000)) }
    #expect(try told().map(\.type) == [.heartbeatGap])
    #expect(try told()[0].data.contains("\"who\":\"start\""))
    let second = try store.write(project) { try $0.beginHeartbeat("batch #2", at: .t(9000000)) }
    #expect(try told().map(\.type) == [.heartbeatGap, .heartbeatLost])
    try store.write(project) { try $0.endHeartbeat(second, at: .t(9010000)) }
    _ = try store.write(project) { try $0.beginHeartbeat("start", at: .t(90_000 * 1000)) }
    #expect(try told().count == 2)
  }
}
