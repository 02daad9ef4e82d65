import OrchDomain
import Testing

@testable import OrchEngine

@Suite("Room on the disk")
struct DiskBudgetTests {
  private func budget(_ used: Int64, free: Int64? = nil, quota: Int64? = nil, least: Int64? = nil) -> DiskBudget {
    DiskBudget(
      used: ByteCount(used), free: free.map(ByteCount.init), quota: quota.map(ByteCount.init),
      minimumFree: least.map(ByteCount.init))
  }

  @Test func withoutLimitsNothingHolds() {
    #expect(budget(.max / 2, free: 0).hold == nil && budget(.max / 2, free: 0).excess == nil)
  }

  @Test func theQuotaHoldsAtTheLimitAndReclaimingGoesAFifthBelowIt() {
    #expect(budget(999, quota: 1000).hold == nil && budget(999, quota: 1000).excess == ByteCount(0))
    #expect(budget(1000, quota: 1000).hold?.contains("disk_quota is 1 kB") == true)
    #expect(budget(1000, quota: 1000).excess == ByteCount(200))
  }

  @Test func tooLittleFreeHoldsWhateverWorktreesTake() {
    #expect(budget(0, free: 999, least: 1000).hold?.contains("min_free_disk") == true)
    #expect(budget(0, free: 999, least: 1000).excess == ByteCount(201))
    #expect(budget(0, free: 1000, least: 1000).hold == nil)
    #expect(budget(0, free: nil, least: 1000).hold == nil, "what nobody knows holds nobody up")
  }

  @Test func workUnderWayIsNeverReclaimed() {
    let id = TaskID(module: "a", number: 1)
    for state in TaskState.allCases where state.isActive || state.holdsSlot {
      let owner = WorktreePolicy.Facts.Owner.attempt(id, 1, state: state, hasEnded: false, isLatest: true)
      #expect(WorktreePolicy.usefulness(of: owner) == nil, "\(state)")
    }
    #expect(WorktreePolicy.usefulness(of: .nobody) == nil)
    let order = [TaskState.complete, .cancelled, .failed, .stuck, .parked].map { state in
      WorktreePolicy.usefulness(of: .attempt(id, 1, state: state, hasEnded: true, isLatest: true)) ?? -1
    }
    #expect(order == order.sorted() && order.allSatisfy { $0 > 0 }, "\(order)")
  }
}
