/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One patched function of the helper module lab_sleepers. A source names the function, and has the new one: PATCHED, lab_new. */
#include <linux/kernel.h>
#include <linux/livepatch.h>
#include <linux/module.h>
#include <linux/sched.h>

#define LAB_OBJECT(functions) \
	static struct klp_object lab_objects[] = { \
		{ .name = "lab_sleepers", .funcs = functions }, \
		{ } \
	}; \
	static struct klp_patch lab_patch = { .mod = THIS_MODULE, .objs = lab_objects }; \
	static int __init lab_init(void) \
	{ \
		return klp_enable_patch(&lab_patch); \
	} \
	static void __exit lab_exit(void) \
	{ \
	} \
	module_init(lab_init); \
	module_exit(lab_exit); \
	MODULE_LICENSE("GPL"); \
	MODULE_INFO(livepatch, "Y")
