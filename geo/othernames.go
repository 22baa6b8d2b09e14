package geo

import (
	"slices"
	"strings"
)

// Tables of names often hold only one of a place's names: Ordnance Survey's
// first name may be Welsh or Gaelic, and people type the other. Each pair is
// the two names of one place; where, when not empty, is part of the district
// that it lies in, for names that are borne elsewhere too.
var namePairs = []struct{ name, other, where string }{
	{"Aberdâr", "Aberdare", ""}, {"Aberdaugleddau", "Milford Haven", ""}, {"Abergwaun", "Fishguard", ""},
	{"Aberhonddu", "Brecon", "Powys"}, {"Abermaw", "Barmouth", ""}, {"Aberpennar", "Mountain Ash", ""},
	{"Abertawe", "Swansea", ""}, {"Aberteifi", "Cardigan", ""}, {"Abertyleri", "Abertillery", ""},
	{"Arberth", "Narberth", ""}, {"Bae Colwyn", "Colwyn Bay", ""}, {"Bargod", "Bargoed", ""},
	{"Barri", "Barry", "Glamorgan"}, {"Y Barri", "Barry", "Glamorgan"}, {"Biwmares", "Beaumaris", ""},
	{"Brynbuga", "Usk", ""}, {"Bwcle", "Buckley", "Flintshire"}, {"Caerdydd", "Cardiff", ""},
	{"Caerffili", "Caerphilly", ""}, {"Caerfyrddin", "Carmarthen", ""}, {"Caergybi", "Holyhead", ""},
	{"Caerllion", "Caerleon", ""}, {"Caernarfon", "Caernarvon", ""}, {"Cas-gwent", "Chepstow", ""},
	{"Casllwchwr", "Loughor", ""}, {"Casnewydd", "Newport", "Casnewydd"}, {"Castell-nedd", "Neath", ""},
	{"Castellnewydd Emlyn", "Newcastle Emlyn", ""}, {"Cei Connah", "Connah's Quay", ""},
	{"Ceinewydd", "New Quay", "Ceredigion"}, {"Cil-y-coed", "Caldicot", ""}, {"Conwy", "Conway", ""},
	{"Cricieth", "Criccieth", ""}, {"Crughywel", "Crickhowell", ""}, {"Cydweli", "Kidwelly", ""},
	{"Dinbych", "Denbigh", ""}, {"Dinbych-y-pysgod", "Tenby", ""}, {"Doc Penfro", "Pembroke Dock", ""},
	{"Glyn Ebwy", "Ebbw Vale", ""}, {"Glyn-nedd", "Glynneath", ""}, {"Glynrhedynog", "Ferndale", "Rhondda"},
	{"Hendy-gwyn", "Whitland", ""}, {"Hwlffordd", "Haverfordwest", ""}, {"Llanandras", "Presteigne", ""},
	{"Llanbedr Pont Steffan", "Lampeter", ""}, {"Llandrindod", "Llandrindod Wells", ""},
	{"Llanelwy", "St Asaph", ""}, {"Llanfair-ym-Muallt", "Builth Wells", ""},
	{"Llanilltud Fawr", "Llantwit Major", ""}, {"Llanymddyfri", "Llandovery", ""},
	{"Merthyr Tudful", "Merthyr Tydfil", ""}, {"Pen-y-bont ar Ogwr", "Bridgend", "Bridgend"},
	{"Penarlâg", "Hawarden", ""}, {"Penfro", "Pembroke", "Pembrokeshire"}, {"Pont-y-pŵl", "Pontypool", ""},
	{"Porth Tywyn", "Burry Port", ""}, {"Porthaethwy", "Menai Bridge", ""}, {"Rhaeadr Gwy", "Rhayader", ""},
	{"Rhisga", "Risca", ""}, {"Rhuthun", "Ruthin", ""}, {"Rhydaman", "Ammanford", ""}, {"Rhymni", "Rhymney", ""},
	{"Sanclêr", "St Clears", ""}, {"Talacharn", "Laugharne", ""}, {"Tonysguboriau", "Talbot Green", ""},
	{"Tref-y-clawdd", "Knighton", "Powys"}, {"Trefaldwyn", "Montgomery", "Powys"},
	{"Trefdraeth", "Newport", "Pembrokeshire"}, {"Treffynnon", "Holywell", "Flintshire"},
	{"Trefynwy", "Monmouth", ""}, {"Treorci", "Treorchy", ""}, {"Tyddewi", "St Davids", "Pembrokeshire"},
	{"Wdig", "Goodwick", ""}, {"Wrecsam", "Wrexham", ""}, {"Y Bala", "Bala", "Gwynedd"},
	{"Y Bont-faen", "Cowbridge", "Glamorgan"}, {"Y Coed Duon", "Blackwood", "Caerphilly"},
	{"Y Drenewydd", "Newtown", "Powys"}, {"Y Fenni", "Abergavenny", ""}, {"Y Fflint", "Flint", "Flintshire"},
	{"Y Gelli Gandryll", "Hay-on-Wye", ""}, {"Y Rhyl", "Rhyl", ""}, {"Y Trallwng", "Welshpool", ""},
	{"Y Waun", "Chirk", "Wrexham"}, {"Yr Wyddgrug", "Mold", "Flintshire"},
	{"An Gearasdan", "Fort William", ""}, {"An t-Àth Leathann", "Broadford", "Highland"},
	{"An t-Òban", "Oban", ""}, {"Bàgh a' Chaisteil", "Castlebay", ""}, {"Baile a' Mhanaich", "Balivanich", ""},
	{"Ceann Loch Gilb", "Lochgilphead", ""}, {"Dùn Bheagan", "Dunvegan", ""}, {"Dùn Dè", "Dundee", ""},
	{"Dùn Èideann", "Edinburgh", ""}, {"Glaschu", "Glasgow", ""}, {"Inbhir Aora", "Inveraray", ""},
	{"Inbhir Narann", "Nairn", ""}, {"Inbhir Nis", "Inverness", ""}, {"Obar Dheathain", "Aberdeen", ""},
	{"Peairt", "Perth", ""}, {"Port Rìgh", "Portree", ""}, {"Sruighlea", "Stirling", ""},
	{"Steòrnabhagh", "Stornoway", ""}, {"Ulapul", "Ullapool", ""},
	{"Derry", "Londonderry", ""}, {"Hull", "Kingston upon Hull", ""},
}

// pairsOf finds the pairs that hold a folded name.
var pairsOf = func() map[string][]int {
	m := map[string][]int{}
	for i, p := range namePairs {
		m[fold(p.name)] = append(m[fold(p.name)], i)
		m[fold(p.other)] = append(m[fold(p.other)], i)
	}
	return m
}()

// otherNames are the names of a place that its table lacks: the other of a
// pair, and the English name when its district gives both ("Casnewydd" in
// "Casnewydd - Newport").
func otherNames(n *Name) []string {
	have := []string{fold(n.Name)}
	for _, s := range n.Also {
		have = append(have, fold(s))
	}
	var others []string
	add := func(s string) {
		if key := fold(s); !slices.Contains(have, key) {
			have, others = append(have, key), append(others, s)
		}
	}
	if first, second, ok := strings.Cut(n.District, " - "); ok {
		switch have[0] {
		case fold(first):
			add(second)
		case fold(second):
			add(first)
		}
	}
	for _, i := range pairsOf[have[0]] {
		p := namePairs[i]
		if rank(n.Kind) < rank(KindVillage) || p.where != "" && !strings.Contains(n.District+" "+n.County, p.where) {
			continue
		}
		add(p.name)
		add(p.other)
	}
	return others
}

// shortNames are what people call a city or town whose full name goes on:
// "Newcastle" for Newcastle upon Tyne, "Leamington" for Royal Leamington Spa.
func shortNames(n *Name) []string {
	if rank(n.Kind) < rank(KindTown) {
		return nil
	}
	words := foldWords(n.Name)
	var short []string
	if len(words) > 1 && words[0] == "royal" {
		words = words[1:]
		short = append(short, strings.Join(words, ""))
	}
	if len(words) > 1 && words[len(words)-1] == "spa" {
		words = words[:len(words)-1]
		short = append(short, strings.Join(words, ""))
	}
	for i := 1; i+1 < len(words); i++ {
		switch words[i] {
		case "and":
			return append(short, strings.Join(words[:i], ""), strings.Join(words[i+1:], ""))
		case "on", "under", "in", "by", "le", "super", "next":
			return append(short, strings.Join(words[:i], ""))
		}
	}
	return short
}
