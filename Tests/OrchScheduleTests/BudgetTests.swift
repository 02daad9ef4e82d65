import OrchDomain
import OrchRandom
import Testing

@testable import OrchSchedule

@Suite("Budgets")
struct BudgetTests {
  private static let day = BudgetAccount(.day, "2026-11-27")
  private static let one = TaskID(module: "a", number: 1)

  private static func turn(_ number: Int) -> Budget.Turn { Budget.Turn(task: one, attempt: number, number: 1) }

  private static func usd(_ dollars: Double) -> BudgetAmount { BudgetAmount(cost: MicroUSD(usd: dollars)) }

  private static func budget(_ limit: Allowance, spent: BudgetAmount = .zero) -> Budget {
    var budget = Budget()
    budget.set(day, limit: limit, spent: spent)
    return budget
  }

  @Test func withoutALimitEverythingIsGranted() {
    var budget = Self.budget(.unlimited, spent: Self.usd(1e9))
    #expect(budget.reserve(Self.turn(1), payers: [Self.day], estimate: Self.usd(5)) == .granted(Self.usd(5)))
    #expect(budget.left(Self.turn(1), .cost) == nil && budget.levels([Self.day]).isEmpty)
  }

  @Test("Who comes second waits until what the first holds is free")
  func waiting() throws {
    var budget = Self.budget(Allowance(cost: MicroUSD(usd: 1)))
    #expect(budget.reserve(Self.turn(1), payers: [Self.day], estimate: Self.usd(0.6)) == .granted(Self.usd(0.6)))
    guard case .wait(let level) = budget.reserve(Self.turn(2), payers: [Self.day], estimate: Self.usd(0.6)) else {
      Issue.record("0.6 + 0.6 > 1")
      return
    }
    #expect(level.spent == 0 && level.limit == 1_000_000)
    budget.settle(Self.turn(1), total: Self.usd(0.1))
    #expect(budget.reserve(Self.turn(2), payers: [Self.day], estimate: Self.usd(0.6)) == .granted(Self.usd(0.6)))
    #expect(budget.left(Self.turn(2), .cost) == 900_000, "its own reservation is its own")
  }

  @Test("A turn that nobody pays beside may begin with what is left, and with nothing left it may not")
  func whatIsLeft() {
    var budget = Self.budget(Allowance(cost: MicroUSD(usd: 1)), spent: Self.usd(0.9))
    #expect(budget.reserve(Self.turn(1), payers: [Self.day], estimate: Self.usd(5)) == .granted(Self.usd(0.1)))
    budget.record(Self.turn(1), total: Self.usd(0.1))
    #expect(budget.reached([Self.day])?.percent == 100)
    budget.settle(Self.turn(1), total: Self.usd(0.2))
    let level = BudgetLevel(Self.day, .cost, spent: 1_100_000, limit: 1_000_000)
    #expect(budget.reserve(Self.turn(2), payers: [Self.day], estimate: .zero) == .reached(level))
  }

  @Test("All four classes of tokens count, and time does")
  func otherMeasures() {
    let tokens = TokenUsage(input: 1, cacheWrite: 20, cacheRead: 300, output: 4000)
    let used = BudgetAmount(Usage(tokens: tokens, seconds: 59))
    #expect(Self.budget(Allowance(tokens: 4321), spent: used).reached([Self.day])?.measure == .tokens)
    #expect(Self.budget(Allowance(tokens: 4322), spent: used).reached([Self.day]) == nil)
    #expect(Self.budget(Allowance(time: .seconds(59)), spent: used).reached([Self.day])?.measure == .time)
    #expect(Self.budget(Allowance(time: .seconds(60)), spent: used).reached([Self.day]) == nil)
  }

  @Test func aTotalThatShrinksGivesBack() {
    var budget = Self.budget(Allowance(cost: MicroUSD(usd: 1)))
    _ = budget.reserve(Self.turn(1), payers: [Self.day], estimate: .zero)
    budget.record(Self.turn(1), total: Self.usd(2))
    #expect(budget.reached([Self.day]) != nil)
    budget.settle(Self.turn(1), total: Self.usd(0.5))
    #expect(budget.levels([Self.day]).map(\.spent) == [500_000])
  }

  @Test("An estimate is the upper quartile of the past, and the floor without a past")
  func estimates() {
    let turns = (1...8).map { Usage(cost: MicroUSD(Int64($0)), tokens: TokenUsage(input: $0), seconds: 10 * $0) }
    let floor = BudgetAmount(cost: MicroUSD(77), tokens: 7, seconds: 1)
    #expect(TurnEstimate.amount(from: Array(turns.prefix(2)), floor: floor) == floor)
    #expect(
      TurnEstimate.amount(from: turns, floor: floor) == BudgetAmount(cost: MicroUSD(6), tokens: 6, seconds: 60))
  }

  @Test func textsNameTheLimit() {
    let level = BudgetLevel(Self.day, .cost, spent: 4_100_000, limit: 5_000_000)
    #expect(level.text == "4.10 of 5.00 USD for the day 2026-11-27" && level.key == "day_cost_usd of [limits]")
    #expect(level.percent == 82)
    #expect(
      BudgetLevel(BudgetAccount(.run, "x"), .time, spent: 3600, limit: 3600).text
        == "1h of 1h on the clock for this run")
    #expect(BudgetLevel(Self.day, .cost, spent: .max, limit: 1).percent == 999)
  }
}

/// Agents that estimate badly, tell late and end at any time, on accounts that nest.
@Suite("Budgets hold")
struct BudgetPropertyTests {
  /// A turn that an agent runs: what it will have cost in the end, and what it has told so far.
  private struct Running {
    var turn: Budget.Turn
    var payers: [BudgetAccount]
    var reserved: BudgetAmount
    var told = BudgetAmount.zero
    var total: BudgetAmount
  }

  @Test(
    "Nobody spends more than the limit and what the turns in flight used beyond their reservations",
    arguments: 0..<300 as Range<UInt64>)
  func bound(seed: UInt64) throws {
    var random = SplitMix64(seed: seed)
    let day = BudgetAccount(.day, "d")
    let tasks = (1...3).map { TaskID(module: "m", number: $0) }
    var limits: [BudgetAccount: Int64] = [day: .random(in: 1...10_000, using: &random)]
    for task in tasks { limits[BudgetAccount(.task, task.description)] = .random(in: 1...6000, using: &random) }
    var budget = Budget()
    for (account, limit) in limits { budget.set(account, limit: Allowance(cost: MicroUSD(limit)), spent: .zero) }
    var running: [Running] = []
    var spent: [BudgetAccount: Int64] = [:]
    // What the turns in flight at the last beginning, and since, have used beyond their reservations.
    var beyond: [BudgetAccount: Int64] = [:]
    var next = 0
    for _ in 0..<120 {
      let choice = Int.random(in: 0..<10, using: &random)
      if choice < 4, running.count < 4 {
        next += 1
        let task = tasks[Int.random(in: 0..<3, using: &random)]
        let payers = [BudgetAccount(.task, task.description), day]
        let turn = Budget.Turn(task: task, attempt: 1, number: next)
        let estimate = BudgetAmount(cost: MicroUSD(.random(in: 0...3000, using: &random)))
        let before = payers.map { account in spent[account, default: 0] >= limits[account, default: 0] }
        switch budget.reserve(turn, payers: payers, estimate: estimate) {
        case .granted(let reserved):
          #expect(!before.contains(true), "granted although a limit was reached")
          #expect(reserved.cost <= estimate.cost)
          let total = BudgetAmount(cost: MicroUSD(.random(in: 0...5000, using: &random)))
          running.append(Running(turn: turn, payers: payers, reserved: reserved, total: total))
        case .reached: #expect(before.contains(true), "refused although no limit was reached")
        case .wait:
          let isTight = payers.contains { account in
            let others = running.filter { $0.payers.contains(account) }
            let held = others.reduce(0) { $0 + max(0, $1.reserved.cost.amount - $1.told.cost.amount) }
            return !others.isEmpty
              && estimate.cost.amount > limits[account, default: 0] - spent[account, default: 0] - held
          }
          #expect(isTight, "there was room, or nobody to wait for")
        }
      } else if !running.isEmpty {
        let index = Int.random(in: 0..<running.count, using: &random)
        let isEnd = choice > 7
        let all = running[index].total.cost.amount
        let told =
          isEnd
          ? all
          : .random(in: running[index].told.cost.amount...max(running[index].told.cost.amount, all), using: &random)
        let amount = BudgetAmount(cost: MicroUSD(told))
        for account in running[index].payers {
          spent[account, default: 0] += told - running[index].told.cost.amount
        }
        running[index].told = amount
        if isEnd {
          budget.settle(running[index].turn, total: amount)
          let over = max(0, all - running[index].reserved.cost.amount)
          for account in running[index].payers { beyond[account, default: 0] += over }
          running.remove(at: index)
        } else {
          budget.record(running[index].turn, total: amount)
        }
      }
      for (account, limit) in limits {
        let inFlight = running.filter { $0.payers.contains(account) }
          .reduce(0) { $0 + max(0, $1.told.cost.amount - $1.reserved.cost.amount) }
        #expect(budget.levels([account]).first?.spent == spent[account, default: 0])
        #expect(
          spent[account, default: 0] <= limit + beyond[account, default: 0] + inFlight, "\(account) of seed \(seed)")
        // What is spent and what is still set aside never exceed the limit by more than that either.
        let held = running.filter { $0.payers.contains(account) }
          .reduce(0) { $0 + max(0, $1.reserved.cost.amount - $1.told.cost.amount) }
        #expect(
          spent[account, default: 0] + held <= limit + beyond[account, default: 0] + inFlight,
          "\(account) of seed \(seed)")
      }
    }
  }

  @Test("Four agents that estimate well never spend a cent too much", arguments: 0..<100 as Range<UInt64>)
  func exact(seed: UInt64) {
    var random = SplitMix64(seed: seed)
    let day = BudgetAccount(.day, "d")
    let limit = Int64.random(in: 1000...20_000, using: &random)
    var budget = Budget()
    budget.set(day, limit: Allowance(cost: MicroUSD(limit)), spent: .zero)
    var running: [(Budget.Turn, Int64)] = []
    for number in 1...200 {
      let turn = Budget.Turn(task: TaskID(module: "m", number: 1), attempt: 1, number: number)
      if running.count < 4,
        case .granted(let reserved) = budget.reserve(
          turn, payers: [day], estimate: BudgetAmount(cost: MicroUSD(.random(in: 0...3000, using: &random))))
      {
        running.append((turn, .random(in: 0...reserved.cost.amount, using: &random)))
      } else if let (turn, total) = running.popLast() {
        budget.settle(turn, total: BudgetAmount(cost: MicroUSD(total)))
      }
      #expect(budget.levels([day]).allSatisfy { $0.spent <= limit })
    }
  }
}
