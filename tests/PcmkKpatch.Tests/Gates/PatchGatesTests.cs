using NUnit.Framework;
using PcmkKpatch.Core.Gates;
using PcmkKpatch.Core.Kernel;

namespace PcmkKpatch.Tests.Gates;

public sealed class PatchGatesTests
{
    [Test]
    public void a_patch_for_this_kernel_is_let_through() => Expect([], Views.Module, Views.Kernel);

    [Test]
    public void an_older_patch_in_force_is_no_trouble() => Expect([], Views.Module, WithPatch("kpatch_1_0", inTransition: false, "0001"));

    [Test]
    public void a_kernel_that_cannot_be_live_patched_is_refused() =>
        Expect(["kernel.livepatch"], Views.Module, Views.Kernel with { CanLivePatch = false });

    [Test]
    public void a_module_that_is_no_live_patch_is_refused() =>
        Expect(["patch.not-livepatch"], Views.Module with { IsLivePatch = false }, Views.Kernel);

    [Test]
    public void a_patch_for_another_kernel_is_refused() =>
        Expect(["patch.kernel"], Views.Module with { Release = "5.14.0-2" }, Views.Kernel);

    [Test]
    public void a_quarantined_build_is_refused() =>
        Expect(["patch.quarantined"], Views.Module, Views.Kernel, "ffff", Views.Module.BuildId);

    [Test]
    public void a_patch_transition_of_another_patch_is_waited_for() =>
        Expect(["kernel.transition"], Views.Module, WithPatch("kpatch_1_0", inTransition: true, "0001"));

    [Test]
    public void another_build_of_the_same_name_is_refused() =>
        Expect(["patch.same-name"], Views.Module, WithPatch(Views.Module.Name, inTransition: false, "0001"));

    [Test]
    public void a_build_that_the_kernel_does_not_tell_is_taken_for_another_one() =>
        Expect(["patch.same-name"], Views.Module, WithPatch(Views.Module.Name, inTransition: false, null));

    [Test]
    public void a_module_of_that_name_without_effect_is_refused() =>
        Expect(["patch.left-over"], Views.Module, Views.Kernel with { Modules = new HashSet<string> { Views.Module.Name } });

    [Test]
    public void a_kernel_without_ftrace_is_refused() => Expect(["kernel.ftrace"], Views.Module, Views.Kernel with { FtraceEnabled = false });

    [Test]
    public void a_kernel_that_loads_no_modules_any_more_is_refused() => Expect(["kernel.modules-disabled"], Views.Module, Views.Kernel with { ModulesDisabled = true });

    [Test]
    public void an_unsigned_patch_is_refused_where_the_kernel_takes_signed_ones_only() =>
        Expect(["patch.unsigned"], Views.Module, Views.Kernel with { SignatureWanted = "lockdown" });

    [Test]
    public void a_signed_patch_is_let_through_there() =>
        Expect([], Views.Module with { Signer = "somebody" }, Views.Kernel with { SignatureWanted = "lockdown" });

    [TestCase("patch.kernel", true)]
    [TestCase("kernel.livepatch", true)]
    [TestCase("kernel.modules-disabled", true)]
    [TestCase("patch.quarantined", true)]
    [TestCase("cluster.dc", false)]
    [TestCase("schedule.back-off", false)]
    [TestCase("kernel.transition", false)]
    public void what_is_wrong_with_the_patch_needs_a_person(string id, bool person) =>
        Assert.That(new Refusal(id, "why", "remedy").NeedsPerson, Is.EqualTo(person));

    private static KernelView WithPatch(string name, bool inTransition, string? build) => Views.Kernel with
    {
        Patches = [new LivePatch(name, Enabled: true, inTransition, build)],
        Modules = new HashSet<string> { name },
    };

    private static void Expect(string[] ids, PatchModule module, KernelView kernel, params string[] quarantined) =>
        Assert.That(PatchGates.Judge(module, kernel, quarantined).Select(r => r.Id), Is.EqualTo(ids));
}
