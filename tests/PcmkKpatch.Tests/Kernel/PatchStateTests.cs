using NUnit.Framework;
using PcmkKpatch.Core.Gates;
using PcmkKpatch.Core.Kernel;

namespace PcmkKpatch.Tests.Kernel;

public sealed class PatchStateTests
{
    private static readonly PatchChoice s_wanted = new PatchChoice.Found(Views.Module);

    [Test]
    public void a_patch_that_is_not_loaded_is_due() => Expect(PatchState.Due, []);

    [Test]
    public void the_very_build_in_force_is_not_due() => Expect(PatchState.InForce, [new(Views.Module.Name, true, false, "ABCD")]);

    [Test]
    public void another_build_of_the_same_name_is_due() => Expect(PatchState.Due, [new(Views.Module.Name, true, false, "0001")]);

    [Test]
    public void a_patch_in_its_patch_transition_is_due_still() => Expect(PatchState.Due, [new(Views.Module.Name, true, true, "abcd")]);

    [Test]
    public void a_patch_that_is_being_taken_back_is_due() => Expect(PatchState.Due, [new(Views.Module.Name, false, true, "abcd")]);

    [Test]
    public void an_older_patch_in_force_leaves_it_due() => Expect(PatchState.Due, [new("kpatch_1_0", true, false, "0001")]);

    [Test]
    public void a_newer_patch_in_force_is_not_taken_back() => Expect(PatchState.NewerInForce, [new("kpatch_1_2", true, false, "0001")]);

    [Test]
    public void a_newer_patch_that_is_not_in_force_yet_says_nothing() => Expect(PatchState.Due, [new("kpatch_1_2", true, true, "0001")]);

    [Test]
    public void no_patch_is_nothing_installed() =>
        Assert.That(PatchStates.Judge(new PatchChoice.None("/x"), Views.Kernel), Is.EqualTo(PatchState.NothingInstalled));

    [Test]
    public void a_patch_that_cannot_be_used_is_unusable() =>
        Assert.That(PatchStates.Judge(new PatchChoice.Unusable(new Refusal("patch.x", "", "")), Views.Kernel), Is.EqualTo(PatchState.Unusable));

    private static void Expect(PatchState state, LivePatch[] patches) =>
        Assert.That(PatchStates.Judge(s_wanted, Views.Kernel with { Patches = patches }), Is.EqualTo(state));
}
