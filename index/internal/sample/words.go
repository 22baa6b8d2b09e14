package sample

import (
	"strings"

	"hereabouts"
)

// subjects are what the made-up listings are about, the commonest first.
var subjects = strings.Fields(`
	support community group people health wellbeing free local social weekly friendly older volunteers family young activities
	advice walking garden coffee art music singing choir dance craft knitting sewing painting pottery reading books writing poetry
	history museum photography drama film quiz bingo chess cards lunch breakfast cooking meals baking pantry foodbank parcels
	gardening allotment growing nature woodland park river birds bees conservation outdoors hiking cycling running swimming yoga
	pilates exercise chair balance falls strength football cricket bowls tennis badminton netball gym fitness mindfulness meditation
	relaxation sleep stress anxiety depression lonely loneliness isolation befriending visiting telephone listening counselling therapy
	talking peer recovery addiction alcohol drugs smoking gambling bereavement grief widowed loss cancer stroke heart diabetes dementia
	memory pain arthritis breathing lungs autism adhd learning disability wheelchair mobility hearing sight deaf blind carers caring
	respite sitting parents baby toddler breastfeeding fathers mothers postnatal children teenagers youth mentoring school homework
	college employment jobs work interview skills training computers digital internet tablet english language conversation refugees
	asylum immigration legal law rights benefits universal credit pension allowance attendance debt money budgeting bills energy heating
	damp housing homeless tenancy landlord rent repairs handyman furniture clothing laundry transport minibus lift driver hospital
	appointments shopping prescriptions pharmacy dentist optician nurse discharge rehabilitation physiotherapy menopause pregnancy
	women men sheds woodwork veterans forces lgbt faith church mosque temple gurdwara chapel caribbean polish bengali punjabi somali
	travellers roma prison probation domestic abuse refuge safety crime victims neighbours environment recycling repair bikes energy
	climate volunteering charity fundraising trips outings holidays theatre cinema concerts gardens castles coast canal steam railway`)

type town struct {
	name                     string
	lat, lon, weight, spread float64
}

// towns are where people live: roughly where, how many, and how spread out.
var towns = []town{
	{"London", 51.508, -0.115, 160, 0.13}, {"Birmingham", 52.483, -1.894, 48, 0.08}, {"Manchester", 53.479, -2.245, 46, 0.08},
	{"Leeds", 53.798, -1.549, 30, 0.06}, {"Liverpool", 53.408, -2.977, 26, 0.05}, {"Sheffield", 53.381, -1.470, 23, 0.05},
	{"Bristol", 51.455, -2.588, 22, 0.05}, {"Newcastle", 54.974, -1.613, 18, 0.05}, {"Nottingham", 52.954, -1.150, 16, 0.05},
	{"Leicester", 52.636, -1.133, 15, 0.04}, {"Bradford", 53.795, -1.752, 14, 0.04}, {"Southampton", 50.905, -1.404, 12, 0.04},
	{"Portsmouth", 50.806, -1.087, 10, 0.03}, {"Plymouth", 50.371, -4.142, 10, 0.03}, {"Brighton", 50.827, -0.137, 11, 0.03},
	{"Coventry", 52.408, -1.510, 11, 0.03}, {"Hull", 53.744, -0.332, 9, 0.03}, {"Stoke", 53.003, -2.180, 9, 0.04},
	{"Derby", 52.922, -1.476, 8, 0.03}, {"Reading", 51.454, -0.973, 8, 0.03}, {"Norwich", 52.628, 1.299, 8, 0.04},
	{"Bournemouth", 50.720, -1.880, 8, 0.03}, {"Northampton", 52.237, -0.897, 7, 0.03}, {"Cambridge", 52.205, 0.121, 7, 0.03},
	{"Oxford", 51.752, -1.258, 7, 0.03}, {"Sunderland", 54.906, -1.381, 7, 0.03}, {"Middlesbrough", 54.574, -1.235, 7, 0.03},
	{"Ipswich", 52.056, 1.148, 6, 0.03}, {"Peterborough", 52.574, -0.243, 6, 0.03}, {"Exeter", 50.725, -3.527, 6, 0.03},
	{"York", 53.960, -1.080, 6, 0.03}, {"Preston", 53.763, -2.703, 6, 0.03}, {"Swindon", 51.558, -1.782, 5, 0.02},
	{"Gloucester", 51.864, -2.244, 5, 0.02}, {"Greenwich", 51.480, 0.000, 5, 0.02}, {"Lincoln", 53.234, -0.538, 4, 0.03},
	{"Worcester", 52.192, -2.220, 4, 0.02}, {"Durham", 54.777, -1.576, 4, 0.04}, {"Carlisle", 54.892, -2.933, 3, 0.03},
	{"Lancaster", 54.047, -2.801, 3, 0.02}, {"Hereford", 52.056, -2.716, 3, 0.03}, {"Shrewsbury", 52.707, -2.754, 3, 0.03},
	{"Truro", 50.263, -5.051, 3, 0.06}, {"Taunton", 51.015, -3.103, 3, 0.03}, {"Canterbury", 51.280, 1.080, 4, 0.03},
}

// Needs is a small taxonomy.
func Needs() *hereabouts.Taxonomy {
	var needs []hereabouts.Need
	for _, line := range strings.Split(strings.TrimSpace(`
company Company: lonely|isolated|on my own; befriending, lunch clubs, hobbies, men's sheds
mind Wellbeing of mind: anxious|not coping; low mood, sleep, counselling, bereavement
money Money and debt: skint|bills; benefits, debt advice, energy bills, food parcels
home Home: housing|landlord; damp, repairs, moving, homelessness
health Health: illness; falls, pain, dementia, stroke
activity Being active: exercise|fitness; walking, swimming, dancing, chair exercise
nature Nature: outdoors|green; gardening, conservation, parks, care farms
work Work and learning: job|course; computers, english, volunteering, interviews`), "\n") {
		id, rest, _ := strings.Cut(line, " ")
		label, rest, _ := strings.Cut(rest, ": ")
		said, rest, _ := strings.Cut(rest, "; ")
		needs = append(needs, hereabouts.Need{ID: id, Label: label, AlsoSaidAs: strings.Split(said, "|")})
		for _, child := range strings.Split(rest, ", ") {
			slug := id + "." + strings.NewReplacer(" ", "-", "'", "").Replace(child)
			needs = append(needs, hereabouts.Need{ID: slug, Parent: id, Label: title(child)})
		}
	}
	return hereabouts.NewTaxonomy(needs)
}
