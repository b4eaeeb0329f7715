/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * One PCI segment. The table is loaded once per segment; acpi/aml.c puts in place of the marks what
 * differs: the names PCSG (the host bridge), PNSG (look for hot-plug events) and PNNX (the same of
 * the next segment), the number 0xBEEF, and the windows that begin with marks of their own
 */
#define SLOT(name, number)                                   \
	Device (name)                                        \
	{                                                    \
		Name (_SUN, number)                          \
		Name (_ADR, number << 16)                    \
		Method (_EJ0, 1, NotSerialized)              \
		{                                            \
			\_SB.EJCT (number, _SEG)             \
		}                                            \
	}
#define NOTE(name, number)                                   \
	If (Arg0 & (1 << number))                            \
	{                                                    \
		Notify (name, Arg1)                          \
	}

DefinitionBlock ("", "SSDT", 2, "VDPA", "VDPAPCI", 1)
{
	External (\_SB.EJCT, MethodObj)
	External (\_SB.PLCK, MutexObj)
	External (\_SB.PSEG, FieldUnitObj)
	External (\_SB.PCIU, FieldUnitObj)
	External (\_SB.PCID, FieldUnitObj)
	External (\_SB.PNNX, MethodObj)

	Device (\_SB.PCSG)
	{
		Name (_HID, EisaId ("PNP0A08"))
		Name (_CID, EisaId ("PNP0A03"))
		Name (_SEG, 0xBEEF)
		Name (_UID, 0xBEEF)
		Name (_BBN, 0)
		Name (_CCA, 1)
		Name (_CRS, ResourceTemplate ()
		{
			WordBusNumber (ResourceProducer, MinFixed, MaxFixed, PosDecode,
				0, 0, 0, 0, 1)
			WordIO (ResourceProducer, MinFixed, MaxFixed, PosDecode, EntireRange,
				0, 0xC0DE, 0xC0DF, 0, 2)
			DWordMemory (ResourceProducer, PosDecode, MinFixed, MaxFixed, NonCacheable,
				ReadWrite, 0, 0xFACE0000, 0xFACEFFFF, 0, 0x10000)
			QWordMemory (ResourceProducer, PosDecode, MinFixed, MaxFixed, NonCacheable,
				ReadWrite, 0, 0x0BADC0DE00000000, 0x0BADC0DEFFFFFFFF, 0, 0x100000000)
		})

		SLOT (S000, 0)
		SLOT (S001, 1)
		SLOT (S002, 2)
		SLOT (S003, 3)
		SLOT (S004, 4)
		SLOT (S005, 5)
		SLOT (S006, 6)
		SLOT (S007, 7)
		SLOT (S008, 8)
		SLOT (S009, 9)
		SLOT (S010, 10)
		SLOT (S011, 11)
		SLOT (S012, 12)
		SLOT (S013, 13)
		SLOT (S014, 14)
		SLOT (S015, 15)
		SLOT (S016, 16)
		SLOT (S017, 17)
		SLOT (S018, 18)
		SLOT (S019, 19)
		SLOT (S020, 20)
		SLOT (S021, 21)
		SLOT (S022, 22)
		SLOT (S023, 23)
		SLOT (S024, 24)
		SLOT (S025, 25)
		SLOT (S026, 26)
		SLOT (S027, 27)
		SLOT (S028, 28)
		SLOT (S029, 29)
		SLOT (S030, 30)
		SLOT (S031, 31)

		/* Notifies the slots in the bits of Arg0 of Arg1: 1 look again, 3 eject. */
		Method (TELL, 2, NotSerialized)
		{
			If (!Arg0)
			{
				Return
			}
			NOTE (S000, 0)
			NOTE (S001, 1)
			NOTE (S002, 2)
			NOTE (S003, 3)
			NOTE (S004, 4)
			NOTE (S005, 5)
			NOTE (S006, 6)
			NOTE (S007, 7)
			NOTE (S008, 8)
			NOTE (S009, 9)
			NOTE (S010, 10)
			NOTE (S011, 11)
			NOTE (S012, 12)
			NOTE (S013, 13)
			NOTE (S014, 14)
			NOTE (S015, 15)
			NOTE (S016, 16)
			NOTE (S017, 17)
			NOTE (S018, 18)
			NOTE (S019, 19)
			NOTE (S020, 20)
			NOTE (S021, 21)
			NOTE (S022, 22)
			NOTE (S023, 23)
			NOTE (S024, 24)
			NOTE (S025, 25)
			NOTE (S026, 26)
			NOTE (S027, 27)
			NOTE (S028, 28)
			NOTE (S029, 29)
			NOTE (S030, 30)
			NOTE (S031, 31)
		}
	}

	Method (\_SB.PNSG, 0, Serialized)
	{
		Acquire (\_SB.PLCK, 0xFFFF)
		\_SB.PSEG = \_SB.PCSG._SEG
		Local0 = \_SB.PCIU
		Local1 = \_SB.PCID
		Release (\_SB.PLCK)
		\_SB.PCSG.TELL (Local0, 1)
		\_SB.PCSG.TELL (Local1, 3)
		If (CondRefOf (\_SB.PNNX))
		{
			\_SB.PNNX ()
		}
	}
}
