// SPDX-License-Identifier: GPL-2.0-or-later
/* The kernel refuses it with EINVAL: it has no such function. */
#include <linux/kernel.h>
#include <linux/livepatch.h>
#include <linux/module.h>

static void lab_new(void)
{
}

static struct klp_func lab_functions[] = {
	{ .old_name = "no_such_symbol", .new_func = lab_new },
	{ }
};

static struct klp_object lab_objects[] = {
	{ .funcs = lab_functions },
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
MODULE_DESCRIPTION("lab: a patch of a function that is not there");
MODULE_LICENSE("GPL");
MODULE_INFO(livepatch, "Y");
