// SPDX-License-Identifier: GPL-2.0-or-later
/* A patch that the kernel takes, and that has no effect: the module whose function it replaces is not loaded. */
#include <linux/kernel.h>
#include <linux/livepatch.h>
#include <linux/module.h>

static void lab_new(void)
{
}

static struct klp_func lab_functions[] = {
	{ .old_name = "lab_absent_function", .new_func = lab_new },
	{ }
};

static struct klp_object lab_objects[] = {
	{ .name = "lab_absent", .funcs = lab_functions },
	{ }
};

static struct klp_patch lab_patch = { .mod = THIS_MODULE, .objs = lab_objects };

static int __init lab_init(void)
{
	return klp_enable_patch(&lab_patch);
}

static void __exit lab_exit(void)
{
}

module_init(lab_init);
module_exit(lab_exit);
MODULE_DESCRIPTION("lab: a patch of a module that is not loaded");
MODULE_LICENSE("GPL");
MODULE_INFO(livepatch, "Y");
